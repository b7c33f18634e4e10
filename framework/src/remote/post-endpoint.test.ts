import assert from 'node:assert/strict'
import { type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createSystemClock } from '../kernel/index.ts'
import {
  remoteCallForbidden,
  remoteConnectionFull,
  remoteInputTooLarge,
  remoteProtocolBroken,
} from './errors.ts'
import { Peers, TestCall } from './listener.fixture.ts'
import { encodePostHeaders, postHeader, postPath } from './post-headers.ts'
import type { Endpoint } from './port.ts'
import { RawPeer } from './raw-peer.fixture.ts'

interface PostAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface PostWish {
  readonly call?: TestCall
  readonly path?: string
  readonly method?: string
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

function post(endpoint: Endpoint, wish: PostWish = {}): Promise<PostAnswer> {
  const { call = new TestCall(), path = postPath('inventory.reserve'), method = 'POST' } = wish
  const where =
    endpoint.kind === 'unix'
      ? { socketPath: endpoint.path }
      : { host: endpoint.host, port: endpoint.port }
  const headers = { ...encodePostHeaders(call, 'edge'), ...wish.headers }
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, path, method, headers }, (answer) => {
      const { statusCode: status = 0, headers: heard } = answer
      text(answer).then((body) => resolve({ status, headers: heard, body }), reject)
    })
    asked.on('error', reject)
    asked.end(wish.body ?? call.input)
  })
}

test('a posted call arrives as one in a frame does, and its output is the body', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const call = new TestCall('{"sku":"größe"}')
  call.principal = { subject: 'süß', roles: ['customer'] }
  call.idempotencyKey = 'ключ'
  call.token = '0/16'
  const answer = await post(endpoint, { call })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers[postHeader.outcome], 'answered')
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.equal(answer.body, call.input)
  const { service, ...received } = { service: '', ...peers.receiver.work[0]?.call }
  assert.equal(service, 'edge')
  assert.deepEqual(received, {
    ...{ operation: 'inventory.reserve', callerModule: 'checkout', isAuthorized: true },
    ...{ input: call.input, timeoutMs: 5_000, principal: call.principal, trace: call.trace },
    ...{ idempotencyKey: 'ключ', criticality: 'default', token: '0/16' },
  })
})

test('an error is the body, with the status of its kind', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  for (const [kind, status] of [
    ['conflict', 409],
    ['unavailable', 503],
    ['unknown_outcome', 504],
    ['cancelled', 499],
    ['of tomorrow', 500],
    ['toString', 500],
  ] as const) {
    peers.receiver.handle = ({ sink }) => sink.failed('{"code":"X"}', kind)
    const answer = await post(endpoint)
    assert.equal(answer.status, status, kind)
    assert.equal(answer.headers[postHeader.outcome], 'failed')
    assert.equal(answer.body, '{"code":"X"}')
  }
})

test('what is no call of the protocol is refused with what is wrong', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const cases: readonly (readonly [PostWish, RegExp])[] = [
    [{ path: '/rpc/inventory' }, /names no operation/],
    [{ path: '/rpc/inventory/reserve/again' }, /names no operation/],
    [{ path: '/rpc/Inventory/reserve' }, /names no operation/],
    [{ path: '/rpc/inventory/reserve?x=1' }, /names no operation/],
    [{ method: 'PUT' }, /is no POST/],
    [{ headers: { [postHeader.timeoutMs]: 'soon' } }, /headers of another protocol/],
    [{ headers: { traceparent: 'x' } }, /headers of another protocol/],
    [{ headers: { [postHeader.principal]: 'bnVsbA' } }, /headers of another protocol/],
    [{ headers: { [postHeader.criticality]: 'urgent' } }, /headers of another protocol/],
    [{ body: Buffer.from([0x22, 0xff, 0x22]) }, /not UTF-8/],
  ]
  for (const [wish, message] of cases) {
    const answer = await post(endpoint, wish)
    assert.equal(answer.status, 400)
    assert.match(answer.body, new RegExp(`"code":"${remoteProtocolBroken.code}"`))
    assert.match(answer.body, message)
  }
  assert.equal(peers.receiver.received, 0)
})

test('a body beyond the bound is refused, announced or not, and the connection closed', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen({ bounds: { payloadBytesMax: 1_000 } })
  const body = JSON.stringify('x'.repeat(1_000))
  for (const headers of [{ 'content-length': '1002' }, { 'transfer-encoding': 'chunked' }]) {
    const answer = await post(endpoint, { body, headers })
    assert.equal(answer.status, 400)
    assert.match(answer.body, new RegExp(`"code":"${remoteInputTooLarge.code}".*1002`))
    assert.equal(answer.headers.connection, 'close')
  }
})

test('the policy decides about posted calls too', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen({
    services: ['edge', 'sales'],
    policy: ({ service }, { callerModule }) =>
      service === 'edge' && callerModule === 'checkout' ? undefined : 'not declared',
  })
  assert.equal((await post(endpoint)).status, 200)
  const call = new TestCall()
  call.callerModule = 'ledger'
  const forbidden = await post(endpoint, { call })
  assert.equal(forbidden.status, 403)
  assert.match(forbidden.body, new RegExp(`"code":"${remoteCallForbidden.code}".*not declared`))
  const stranger = await post(endpoint, { headers: { [postHeader.service]: 'attic' } })
  assert.match(stranger.body, /no service attic/)
})

test('posted calls beyond the bound are refused, and taken again when one has ended', async () => {
  await using peers = new Peers()
  peers.receiver.hold()
  const { endpoint } = await peers.listen({ bounds: { postsMax: 1 } })
  const first = post(endpoint)
  await peers.receiver.until(() => peers.receiver.received === 1)
  const refused = await post(endpoint)
  assert.equal(refused.status, 503)
  assert.match(refused.body, new RegExp(`"code":"${remoteConnectionFull.code}"`))
  peers.receiver.work[0]?.sink.answered('1')
  assert.equal((await first).body, '1')
  peers.receiver.handle = ({ sink }) => sink.answered('2')
  assert.equal((await post(endpoint)).body, '2')
})

test('a caller that goes away cancels its posted call, and one that stays does not', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  await post(endpoint)
  peers.receiver.hold()
  const listener = await peers.listen()
  const peer = await RawPeer.connect(listener.endpoint)
  const headers = { host: 'a', 'content-length': '2', ...encodePostHeaders(new TestCall(), 'edge') }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  peer.socket.write(`POST /rpc/inventory/reserve HTTP/1.1\r\n${lines.join('')}\r\n{}`)
  await peers.receiver.until(() => peers.receiver.received === 2)
  assert.equal(listener.inFlight, 1)
  peer.socket.destroy()
  await peers.receiver.until(() => peers.receiver.work[1]?.isCancelled === true)
  assert.equal(peers.receiver.work[0]?.isCancelled, false)
  assert.equal(listener.inFlight, 1, 'its handler is still at work')
  peers.receiver.work[1]?.sink.answered('nobody hears it')
  assert.equal(listener.inFlight, 0)
})

test('a draining instance answers posted calls under way, and closes their connections', async () => {
  await using peers = new Peers(createSystemClock())
  peers.receiver.hold()
  const listener = await peers.listen()
  const first = post(listener.endpoint)
  await peers.receiver.until(() => peers.receiver.received === 1)
  const drained = listener.drain({ deadlineMs: 5_000 })
  peers.receiver.work[0]?.sink.answered('1')
  const answer = await first
  assert.equal(answer.body, '1')
  assert.equal(answer.headers.connection, 'close')
  assert.equal(await drained, 0)
})
