import assert from 'node:assert/strict'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { FakeClock } from '../kernel/index.ts'
import { remotePeerRefused } from './errors.ts'
import { eventually, Peers, TestCall, type TestLink } from './listener.fixture.ts'
import { clientTlsOptions } from './peer-tls.ts'
import type { Peer } from './port.ts'
import { encodePostHeaders, postPath } from './post-headers.ts'
import { RawPeer, upgradeRequest } from './raw-peer.fixture.ts'
import { spiffeId, TestAuthority, TestTls } from './tls.fixture.ts'

const authority = new TestAuthority(['sales', 'edge', 'browse'])
after(() => authority[Symbol.dispose]())

const tlsOf = (name: string, ca?: string): TestTls => new TestTls(authority.material(name, ca))

test('over mutual TLS a peer is the service that its certificate names, proved', async () => {
  await using peers = new Peers()
  const seen: Peer[] = []
  const { endpoint } = await peers.listen({
    tls: tlsOf('sales'),
    policy: (peer) => {
      seen.push(peer)
      return undefined
    },
  })
  const link = await peers.open(endpoint, { tls: tlsOf('edge') })
  assert.equal(await link.call('"über"'), 'answered "über"')
  const large = JSON.stringify('x'.repeat(1_000_000))
  assert.equal(await link.call(large), `answered ${large}`)
  assert.deepEqual(seen, [{ service: 'edge', isProved: true }])
})

test('who cannot prove to be a service of the application is refused at the handshake and logged', async () => {
  const { folder } = authority
  folder.authority('foreign')
  folder.issue('stranger', { id: spiffeId('edge'), authority: 'foreign' })
  folder.issue('expired', { id: spiffeId('edge'), daysLeft: -1 })
  folder.issue('other-domain', { id: 'spiffe://bank/edge' })
  folder.issue('nameless', { id: '' })
  folder.issue('host', { id: '', names: 'DNS:edge' })
  folder.issue('double', { id: spiffeId('edge'), names: `URI:${spiffeId('sales')}` })
  folder.issue('path', { id: `${spiffeId('edge')}/more` })
  folder.issue('attic', { id: spiffeId('attic') })
  const cases: readonly (readonly [string, RegExp])[] = [
    ['stranger', /UNABLE_TO|SELF_SIGNED/],
    ['expired', /CERT_HAS_EXPIRED/],
    ['other-domain', /spiffe:\/\/bank\/edge, not of shop/],
    ['nameless', /names no SPIFFE id/],
    ['host', /names no SPIFFE id/],
    ['double', /more than one URI/],
    ['path', /not of shop/],
    ['attic', /no service attic/],
  ]
  for (const [name, cause] of cases) {
    await using peers = new Peers()
    const services = ['sales', 'edge', 'browse']
    const { endpoint } = await peers.listen({ tls: tlsOf('sales'), services })
    const link = peers.connect(endpoint, { tls: tlsOf(name), service: 'edge' })
    await link.isClosed
    await eventually(() => peers.sink.lines.length > 0, `a line of the log about ${name}`)
    const [line = ''] = peers.sink.lines
    assert.match(line, new RegExp(`"code":"${remotePeerRefused.code}"`))
    assert.match(line, cause, name)
    assert.deepEqual(link.told, ['closed'], name)
    // the listener goes on with those who can
    const good = await peers.open(endpoint, { tls: tlsOf('edge') })
    assert.equal(await good.call('1'), 'answered 1')
    assert.equal(peers.receiver.received, 1)
  }
})

test('who has no certificate at all, or speaks no TLS, gets nowhere', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen({ tls: tlsOf('sales') })
  assert.match(await peers.connect(endpoint).isClosed, /closed|hung up|reset|HPE|Parse/i)
  using plain = await RawPeer.connect(endpoint)
  plain.socket.write(upgradeRequest())
  await plain.ended()
  assert.equal(plain.answer.includes('101'), false)
  const bare = new TestTls({ ...authority.material('edge'), key: '', cert: '' })
  await peers.connect(endpoint, { tls: bare }).isClosed
  assert.equal(peers.receiver.received, 0)
})

test('TLS older than 1.3 is not spoken', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen({ tls: tlsOf('sales') })
  const { port } = endpoint.kind === 'tcp' ? endpoint : { port: 0 }
  const { connect } = await import('node:tls')
  const connecting = connect({
    ...{
      ...authority.material('edge'),
      host: '127.0.0.1',
      port,
      checkServerIdentity: () => undefined,
    },
    maxVersion: 'TLSv1.2',
  })
  const [error] = await new Promise<[Error]>((resolve) => {
    connecting.once('error', (cause) => resolve([cause]))
  })
  assert.match(error.message, /version/i)
})

test('a caller does not speak to a callee that is not the one it looked for', async () => {
  const { folder } = authority
  folder.authority('foreign')
  folder.issue('impostor', { id: spiffeId('sales'), authority: 'foreign' })
  folder.issue('late', { id: spiffeId('sales'), daysLeft: -1 })
  folder.issue('elsewhere', { id: 'spiffe://bank/sales' })
  const cases: readonly (readonly [string, RegExp])[] = [
    ['browse', /it is an instance of browse/],
    ['impostor', /verify|self.signed|issuer/i],
    ['late', /expired/i],
    ['elsewhere', /not of shop/],
  ]
  for (const [name, cause] of cases) {
    await using peers = new Peers()
    const { endpoint } = await peers.listen({ tls: tlsOf(name) })
    assert.match(await peers.connect(endpoint, { tls: tlsOf('edge') }).isClosed, cause, name)
  }
})

test('a peer that says another service than its certificate is refused', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen({ tls: tlsOf('sales') })
  const link = peers.connect(endpoint, { tls: tlsOf('browse'), service: 'edge' })
  assert.match(await link.isClosed, /it says edge, its certificate browse/)
})

test('a machine that accepts and never speaks TLS is given up in time', async () => {
  const clock = new FakeClock()
  await using peers = new Peers(clock)
  const server = createServer((socket) => socket.on('error', () => {}))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const link = peers.connect({ kind: 'tcp', host: '127.0.0.1', port }, { tls: tlsOf('edge') })
  await clock.advance(2_000)
  assert.match(await link.isClosed, /no connection within 2000 ms/)
  server.close()
})

test('a certificate wins over what a posted call says', async () => {
  await using peers = new Peers()
  const seen: string[] = []
  const { endpoint } = await peers.listen({
    tls: tlsOf('sales'),
    policy: ({ service, isProved }) => {
      seen.push(`${service} ${isProved}`)
      return undefined
    },
  })
  const { port } = endpoint.kind === 'tcp' ? endpoint : { port: 0 }
  const options = clientTlsOptions(authority.material('browse'), {
    application: 'shop',
    service: 'sales',
  })
  const headers = encodePostHeaders(new TestCall(), 'edge')
  const path = postPath('inventory.reserve')
  const body = await new Promise<string>((resolve, reject) => {
    const wish = {
      ...options,
      servername: '',
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      headers,
    }
    const asked = request({ ...wish, agent: false }, (answer) => {
      text(answer).then(resolve, reject)
    })
    asked.on('error', reject)
    asked.end('1')
  })
  assert.equal(body, '1')
  assert.deepEqual(seen, ['browse true'])
})

test('new certificates replace connections under load, one authority by the next, and no call fails', async () => {
  await using peers = new Peers()
  const { folder } = authority
  folder.authority('next')
  for (const service of ['sales', 'edge']) {
    folder.issue(`next-${service}`, { id: spiffeId(service), authority: 'next' })
  }
  const both = authority.read('authority.crt') + authority.read('next.crt')
  const callee = tlsOf('sales')
  const caller = tlsOf('edge')
  const { endpoint } = await peers.listen({ tls: callee })
  peers.receiver.handle = ({ call, sink }) =>
    void setTimeout(() => sink.answered(call.input), Number(call.input) % 5)
  const link = await peers.open(endpoint, { tls: caller, connections: 2 })
  const load = keepCalling(link, 32)
  const steps = [
    () => callee.replace({ ...authority.material('sales'), ca: both }),
    () => caller.replace({ ...authority.material('edge'), ca: both }),
    () => callee.replace({ ...authority.material('next-sales', 'next'), ca: both }),
    () => caller.replace(authority.material('next-edge', 'next')),
    () => callee.replace(authority.material('next-sales', 'next')),
  ]
  for (const step of steps) {
    const before = load.answered
    step()
    await eventually(() => load.answered > before + 500, 'calls go on')
  }
  const { answered, failed } = await load.stop()
  assert.equal(failed, '')
  assert.ok(answered > 2_500)
  // who still has a certificate of the old authority stays outside
  assert.match(
    await peers.connect(endpoint, { tls: tlsOf('edge') }).isClosed,
    /verify|closed|hung|self/i,
  )
  assert.deepEqual(link.told, ['opened'])
})

test('a new certificate that no peer believes leaves the old connections in use', async () => {
  await using peers = new Peers()
  authority.folder.authority('foreign')
  authority.folder.issue('useless', { id: spiffeId('edge'), authority: 'foreign' })
  const caller = tlsOf('edge')
  const { endpoint } = await peers.listen({ tls: tlsOf('sales') })
  const link = await peers.open(endpoint, { tls: caller, bounds: { reopenMs: 20 } })
  caller.replace({ ...authority.material('useless'), ca: authority.read('authority.crt') })
  for (let count = 0; count < 30; count++) {
    assert.equal(await link.call('1'), 'answered 1')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  caller.replace(authority.material('edge'))
  await eventually(() => link.told.length === 1, 'still open')
  assert.equal(await link.call('2'), 'answered 2')
})

function keepCalling(
  link: TestLink,
  callers: number,
): { readonly answered: number; stop(): Promise<{ answered: number; failed: string }> } {
  const state = { answered: 0, failed: '', isOver: false }
  const loop = async (): Promise<void> => {
    for (let number = 0; !state.isOver; number++) {
      const end = await link.call(String(number))
      if (end === `answered ${number}`) state.answered++
      else state.failed ||= end
    }
  }
  const loops = Array.from({ length: callers }, loop)
  return {
    get answered() {
      return state.answered
    },
    async stop() {
      state.isOver = true
      await Promise.all(loops)
      return state
    },
  }
}
