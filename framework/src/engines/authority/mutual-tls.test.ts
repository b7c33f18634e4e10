import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { copyFileSync, mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { createSystemClock } from '../../kernel/index.ts'
import { watchCertificates } from '../../remote/index.ts'
import { Certificates, dayMs } from './authority.fixture.ts'
import { parseCertificates } from './certificate.ts'
import { type EnsuredCertificates, openAuthority } from './index.ts'
import { TlsPeer } from './tls-peer.fixture.ts'

const services = ['sales', 'money', 'edge']
const clock = createSystemClock()
const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, delayMs))

test('both ends of mutual TLS see whom the certificate names', async () => {
  using certificates = new Certificates()
  await certificates.ensure({ services })
  await using sales = await TlsPeer.start(certificates.folder, 'sales')
  await using money = await TlsPeer.start(certificates.folder, 'money')
  assert.deepEqual(await sales.call(money), {
    callee: 'spiffe://shop/money',
    caller: 'spiffe://shop/sales',
  })
})

test('a certificate of another authority is refused, whatever it names', async () => {
  using certificates = new Certificates()
  using forged = new Certificates()
  await certificates.ensure({ services })
  await forged.ensure({ services })
  await using money = await TlsPeer.start(certificates.folder, 'money')
  await using stranger = await TlsPeer.start(forged.folder, 'sales')
  await assert.rejects(
    stranger.call(money),
    /self-signed certificate in certificate chain|signature/,
  )
  // A stranger who trusts us is no less a stranger to us.
  copyFileSync(certificates.file('authority.crt'), forged.file('authority.crt'))
  stranger.reload()
  await assert.rejects(stranger.call(money), /alert|the callee refused/)
})

test('a certificate that has expired is refused', async () => {
  using certificates = new Certificates(clock.nowMs() - 10 * dayMs)
  await certificates.ensure({ services, lifetimeMs: dayMs })
  const { folder } = certificates
  const authority = await openAuthority({ folder, application: 'shop', clock })
  await authority.issue('money')
  await using sales = await TlsPeer.start(folder, 'sales')
  await using money = await TlsPeer.start(folder, 'money')
  await assert.rejects(sales.call(money), /expired|the callee refused/)
  await assert.rejects(money.call(sales), /expired/)
  await authority.issue('sales')
  sales.reload()
  await sales.call(money)
})

test('what instances read certificates with takes each step of a renewal, and no half one', async () => {
  using certificates = new Certificates()
  const { folder } = certificates
  await certificates.ensure({ services, clock })
  await using source = await watchCertificates({ folder, service: 'sales', clock })
  const seen = [source.current()]
  source.watch(() => void seen.push(source.current()))
  assert.deepEqual(await renew(certificates, 0), ['begun', 'taken-over', 'ended'])
  const last = { key: 'sales.key', cert: 'sales.crt', ca: 'authority.crt' } as const
  const expected = Object.entries(last).map(([part, name]) => [part, certificates.read(name)])
  const isThere = (): boolean => isDeepStrictEqual(source.current(), Object.fromEntries(expected))
  for (let waited = 0; waited < 60 && !isThere(); waited++) await pause(100)
  assert.ok(isThere(), 'the last step was not read')
  assert.ok(seen.length >= 3, `${seen.length} sets were read`)
  for (const { key, cert, ca } of seen) {
    const certificate = new X509Certificate(cert)
    assert.ok(certificate.checkPrivateKey(createPrivateKey(key)))
    assert.ok(parseCertificates(ca).some(({ publicKey }) => certificate.verify(publicKey)))
  }
})

interface Traffic {
  readonly calls: number
  readonly failures: readonly string[]
  readonly steps: readonly string[]
}

/** Peers that call each other all the time and read the files every `readEveryMs`, each at its own
 *  moment, while the authority is renewed. */
async function renewUnderTraffic(
  certificates: Certificates,
  { readEveryMs, settleMs }: { readonly readEveryMs: number; readonly settleMs: number },
): Promise<Traffic> {
  await certificates.ensure({ services, clock })
  await using stack = new AsyncDisposableStack()
  const peers: TlsPeer[] = []
  let isOver = false
  for (const service of services) {
    peers.push(stack.use(await TlsPeer.start(certificates.folder, service)))
  }
  const reading = peers.map(async (peer, index) => {
    await pause((readEveryMs * index) / peers.length)
    for (; !isOver; await pause(readEveryMs)) peer.reload()
  })
  const calling = peers.map(async (peer, index) => {
    const failures: string[] = []
    let calls = 0
    for (; !isOver; calls++) {
      const callee = peers[(index + 1 + (calls % 2)) % peers.length] ?? peer
      await peer.call(callee).catch((error: Error) => failures.push(error.message))
      await pause(2)
    }
    return { calls, failures }
  })
  const steps = await renew(certificates, settleMs)
  isOver = true
  await Promise.all(reading)
  const results = await Promise.all(calling)
  const calls = results.reduce((sum, result) => sum + result.calls, 0)
  return { calls, failures: results.flatMap(({ failures }) => failures), steps }
}

/** Renews the authority to its end. */
async function renew(certificates: Certificates, settleMs: number): Promise<readonly string[]> {
  const steps: string[] = []
  const ensure = (renewAuthority: boolean): Promise<EnsuredCertificates> =>
    certificates.ensure({ services, clock, settleMs, renewAuthority })
  let { authority } = await ensure(true)
  for (let turn = 0; turn < 5; turn++) {
    steps.push(authority.step)
    if (authority.dueMs === undefined) break
    await pause(Math.max(0, authority.dueMs - clock.nowMs()))
    authority = (await ensure(false)).authority
  }
  await pause(200)
  return steps
}

test('a renewal of the authority under traffic fails no connection', async () => {
  using certificates = new Certificates()
  await certificates.ensure({ services, clock })
  const [old] = certificates.trusted()
  mkdirSync(`${certificates.root}/old`)
  for (const name of ['authority.crt', 'sales.crt', 'sales.key']) {
    copyFileSync(certificates.file(name), `${certificates.root}/old/${name}`)
  }
  const traffic = await renewUnderTraffic(certificates, { readEveryMs: 300, settleMs: 1_500 })
  assert.deepEqual(traffic.failures, [])
  assert.deepEqual(traffic.steps, ['begun', 'taken-over', 'ended'])
  assert.ok(traffic.calls > 60, `only ${traffic.calls} calls`)
  assert.ok(
    certificates.trusted().every(({ fingerprint256 }) => fingerprint256 !== old?.fingerprint256),
  )
  await using sales = await TlsPeer.start(certificates.folder, 'sales')
  await using leftBehind = await TlsPeer.start(`${certificates.root}/old`, 'sales')
  await assert.rejects(sales.call(leftBehind), /certificate/)
  await assert.rejects(leftBehind.call(sales), /certificate/)
})

/** Both directions: in TLS each end judges the other. */
async function callBothWays(one: TlsPeer, other: TlsPeer): Promise<void> {
  await one.call(other)
  await other.call(one)
}

test('at each step of a renewal those that have read it and those that have not agree', async () => {
  using certificates = new Certificates()
  await certificates.ensure({ services })
  await using sales = await TlsPeer.start(certificates.folder, 'sales')
  await using money = await TlsPeer.start(certificates.folder, 'money')
  const steps: string[] = []
  for (const renewAuthority of [true, false, false]) {
    const { authority } = await certificates.ensure({ services, renewAuthority })
    steps.push(authority.step)
    for (const peer of [sales, money]) {
      peer.reload()
      await callBothWays(sales, money)
    }
    await certificates.clock.advance(11_000)
  }
  assert.deepEqual(steps, ['begun', 'taken-over', 'ended'])
})

test('a step that does not wait until the one before was read sets peers apart', async () => {
  using certificates = new Certificates()
  await certificates.ensure({ services })
  await using sales = await TlsPeer.start(certificates.folder, 'sales')
  await using money = await TlsPeer.start(certificates.folder, 'money')
  await certificates.ensure({ services, renewAuthority: true })
  await certificates.clock.advance(11_000)
  assert.equal((await certificates.ensure({ services })).authority.step, 'taken-over')
  sales.reload()
  await assert.rejects(sales.call(money))
  await assert.rejects(money.call(sales))
  money.reload()
  await callBothWays(sales, money)
})
