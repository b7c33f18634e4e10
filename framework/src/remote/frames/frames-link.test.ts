import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { connect, createServer, type Socket } from 'node:net'
import { formatTraceparent } from '../../kernel/index.ts'
import { remoteConnectionFull, remoteInputTooLarge, remoteOutputTooLarge } from '../errors.ts'
import { eventually, operation, Peers, TestCall, type TestLink } from '../listener.fixture.ts'
import type { Endpoint } from '../port.ts'
import type { DecodedCall } from './call-frame.ts'

test('a call arrives with everything that travels with it, and its answer comes back', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const { link } = await peers.open(endpoint)
  const call = new TestCall('{"sku":"größe \u{1f600}"}')
  call.principal = { subject: 'süß', roles: ['customer', 'a:b', ''] }
  call.idempotencyKey = 'ключ'
  call.token = '0/16B3748'
  call.criticality = 'sheddable'
  call.isAuthorized = false
  assert.equal(link.send(call), true)
  assert.equal(await call.end, `answered ${call.input}`)
  const work = peers.receiver.work[0]?.call as DecodedCall
  const { id, use, partedBytes, trace, ...received } = work
  assert.deepEqual(received, {
    ...{ operation, callerModule: 'checkout', isAuthorized: false, input: call.input },
    ...{ timeoutMs: 5_000, principal: call.principal },
    ...{ idempotencyKey: 'ключ', criticality: 'sheddable', token: '0/16B3748' },
  })
  assert.equal(formatTraceparent(trace), formatTraceparent(call.trace))
  assert.ok(id !== undefined && use !== undefined && partedBytes === -1)
})

test('a call from outside has no module, and an anonymous caller stays the anonymous one', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const { link } = await peers.open(endpoint)
  const call = new TestCall()
  call.callerModule = undefined
  call.idempotencyKey = undefined
  call.trace = { ...call.trace, isSampled: false }
  call.remainingMs = -3
  link.send(call)
  await call.end
  const received = peers.receiver.work[0]?.call
  assert.equal(received?.callerModule, undefined)
  assert.equal(received?.idempotencyKey, undefined)
  assert.equal(received?.trace.isSampled, false)
  assert.equal(received?.principal.subject, '')
  assert.equal(received?.timeoutMs, 0)
})

test('a failure arrives as the callee encoded it', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen({
    endpoint: { kind: 'unix', path: join(peers.folder, 'sales.sock') },
  })
  const link = await peers.open(endpoint)
  peers.receiver.handle = ({ sink }) => {
    sink.failed('{"code":"SOLD_OUT"}', 'conflict')
    sink.answered('too late')
  }
  assert.equal(await link.call(), 'failed {"code":"SOLD_OUT"}')
})

test('ten thousand calls at once over four connections all get their own answers', async () => {
  await using peers = new Peers()
  const bounds = { inFlightMax: 4_096 }
  const { endpoint } = await peers.listen({ bounds })
  const link = await peers.open(endpoint, { connections: 4, bounds })
  await eventually(() => link.link.inFlight === 0 && peers.receiver.received === 0, 'idle')
  peers.receiver.hold()
  const calls = Array.from({ length: 10_000 }, (_, index) => new TestCall(`{"n":${index}}`))
  for (const call of calls) {
    while (!link.link.send(call)) await new Promise((resolve) => setImmediate(resolve))
  }
  await peers.receiver.until(() => peers.receiver.received === calls.length)
  assert.equal(link.link.inFlight, calls.length)
  for (const { call, sink } of peers.receiver.work.toReversed()) sink.answered(call.input)
  for (const call of calls) assert.equal(await call.end, `answered ${call.input}`)
  assert.equal(link.link.inFlight, 0)
})

test('one slow call does not hold back the others', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const link = await peers.open(endpoint)
  peers.receiver.handle = ({ call, sink }) => {
    if (call.input !== '"slow"') sink.answered(call.input)
  }
  const slow = link.call('"slow"')
  for (let index = 0; index < 1_000; index++) {
    assert.equal(await link.call(String(index)), `answered ${index}`)
  }
  assert.equal(link.link.inFlight, 1)
  peers.receiver.work[0]?.sink.answered('1')
  assert.equal(await slow, 'answered 1')
})

test('a payload of 4 MiB passes both ways, and small calls pass it on the road', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const link = await peers.open(endpoint)
  const order: string[] = []
  const large = JSON.stringify('ä'.repeat(2 * 1024 * 1024 - 2))
  const note = (name: string) => (end: string) => {
    order.push(name)
    return end
  }
  const first = link.call(large).then(note('large'))
  const second = link.call('1').then(note('small'))
  assert.equal(await second, 'answered 1')
  assert.equal(await first, `answered ${large}`)
  assert.deepEqual(order, ['small', 'large'])
})

test('many long payloads at once take turns and arrive whole', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const link = await peers.open(endpoint, { bounds: { queuedBytesMax: 64 * 1024 * 1024 } })
  const inputs = Array.from({ length: 40 }, (_, index) =>
    JSON.stringify(String.fromCharCode(97 + (index % 26)).repeat(20_000 * (index + 1))),
  )
  const ends = await Promise.all(inputs.map((input) => link.call(input)))
  assert.deepEqual(
    ends,
    inputs.map((input) => `answered ${input}`),
  )
})

test('an input beyond the bound fails before it is sent', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen({ bounds: { payloadBytesMax: 100_000 } })
  const link = await peers.open(endpoint)
  const end = await link.call(JSON.stringify('x'.repeat(100_000)))
  assert.match(end, /^failed \{"code":"REMOTE_INPUT_TOO_LARGE","kind":"invalid"/)
  assert.match(end, new RegExp(`"code":"${remoteInputTooLarge.code}".*100002 bytes.*100000`))
  const call = new TestCall()
  call.principal = { subject: 's'.repeat(5_000), roles: [] }
  assert.equal(link.link.send(call), true)
  assert.match(await call.end, /REMOTE_INPUT_TOO_LARGE.*headers/)
  assert.equal(peers.receiver.received, 0)
})

test('an output beyond the bound becomes an error that says so', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const link = await peers.open(endpoint, { bounds: { payloadBytesMax: 100_000 } })
  peers.receiver.handle = ({ sink }) => sink.answered(JSON.stringify('x'.repeat(100_000)))
  assert.match(await link.call(), new RegExp(`"code":"${remoteOutputTooLarge.code}","kind":"bug"`))
})

test('past its bound of calls a link refuses, and takes calls again when one has ended', async () => {
  await using peers = new Peers()
  peers.receiver.hold()
  const { endpoint } = await peers.listen()
  const link = await peers.open(endpoint, { bounds: { inFlightMax: 3 } })
  const ends = [link.call('1'), link.call('2'), link.call('3')]
  assert.equal(await link.call('4'), 'refused')
  await peers.receiver.until(() => peers.receiver.received === 3)
  for (const { sink } of peers.receiver.work) sink.answered('0')
  await Promise.all(ends)
  peers.receiver.handle = ({ sink }) => sink.answered('5')
  assert.equal(await link.call('5'), 'answered 5')
})

test('a callee counts what it still works on, also when the caller has cancelled it', async () => {
  await using peers = new Peers()
  peers.receiver.hold()
  const { endpoint } = await peers.listen({ bounds: { inFlightMax: 2 } })
  const link = await peers.open(endpoint)
  const calls = [new TestCall(), new TestCall()]
  for (const call of calls) link.link.send(call)
  await peers.receiver.until(() => peers.receiver.received === 2)
  for (const call of calls) link.link.cancel(call)
  const end = await link.call()
  assert.match(end, new RegExp(`"code":"${remoteConnectionFull.code}","kind":"unavailable"`))
  await peers.receiver.until(() => peers.receiver.work.every(({ isCancelled }) => isCancelled))
})

test('bytes that the machine does not take are bounded: the link refuses, and the call is not lost', async () => {
  const sockets: Socket[] = []
  await using peers = new Peers()
  const bounds = { inFlightMax: 60_000 }
  const { endpoint } = await peers.listen({ bounds })
  const deaf = await startDeafProxy(endpoint.kind === 'tcp' ? endpoint.port : 0, sockets)
  const link = await peers.open({ kind: 'tcp', host: '127.0.0.1', port: deaf.port }, { bounds })
  deaf.stopReading()
  const input = JSON.stringify('x'.repeat(15_000))
  let sent = 0
  while (link.link.send(new TestCall(input)) && sent < 5_000) {
    sent++
    if (sent % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok(sent < 5_000, `${sent} calls of 15 kB were taken`)
  deaf.close()
  await link.isClosed
  assert.equal(link.told.filter((told) => told === 'lost').length, sent)
})

test('cancelling reaches the callee, and a late answer meets no other call', async () => {
  await using peers = new Peers()
  peers.receiver.hold()
  const { endpoint } = await peers.listen()
  const link = await peers.open(endpoint)
  const call = new TestCall('"first"')
  link.link.send(call)
  await peers.receiver.until(() => peers.receiver.received === 1)
  link.link.cancel(call)
  assert.equal(link.link.inFlight, 0)
  const next = new TestCall('"second"')
  link.link.send(next)
  await peers.receiver.until(() => peers.receiver.received === 2)
  const [first, second] = peers.receiver.work
  assert.equal(first?.isCancelled, true)
  assert.equal(second?.isCancelled, false)
  first?.sink.answered('"late"')
  second?.sink.answered('"own"')
  assert.equal(await next.end, 'answered "own"')
  assert.equal(call.ends, 0)
})

test('cancelling a call whose input is still on its way stops the rest of it', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const link = await peers.open(endpoint)
  const call = new TestCall(JSON.stringify('x'.repeat(4_000_000)))
  link.link.send(call)
  link.link.cancel(call)
  assert.equal(await link.call('1'), 'answered 1')
  assert.equal(peers.receiver.received, 1)
  const half = new TestCall(JSON.stringify('y'.repeat(4_000_000)))
  link.link.send(half)
  await new Promise((resolve) => setImmediate(resolve))
  link.link.cancel(half)
  for (let index = 0; index < 8; index++) assert.equal(await link.call('2'), 'answered 2')
  assert.equal(peers.receiver.received, 9)
})

test('what had left when the callee died may have happened, what had not left has not', async () => {
  await using peers = new Peers()
  peers.receiver.hold()
  const listener = await peers.listen()
  const link = await peers.open(listener.endpoint)
  const sent = link.call('"sent"')
  await peers.receiver.until(() => peers.receiver.received === 1)
  const dead = listener.stop()
  const events = link.isClosed
  // handed over while the connection dies, but not yet to the machine
  await new Promise<void>((resolve) => {
    const before = link.lost.bind(link)
    link.lost = (call, isSent, cause) => {
      before(call, isSent, cause)
      resolve()
    }
  })
  assert.match(await sent, /^lost sent /)
  await Promise.all([dead, events])
  assert.deepEqual(link.told, ['opened', 'lost', 'closed'])
  assert.equal(await link.call(), 'refused')
  assert.equal(peers.receiver.work[0]?.isCancelled, true)
})

test('a call that was handed over while the connection died was not sent', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const [link, socket] = await openWithSocket(peers, endpoint)
  socket.destroy()
  assert.match(await link.call(), /^lost unsent /)
})

test('a call that left just before the connection was destroyed may have been seen', async () => {
  await using peers = new Peers()
  peers.receiver.hold()
  const { endpoint } = await peers.listen()
  const [link, socket] = await openWithSocket(peers, endpoint)
  const end = link.call()
  // what is written leaves before the turn of the event loop ends
  setImmediate(() => socket.destroy())
  assert.match(await end, /^lost sent /)
})

test('a call whose last part has not left cannot have been run', async () => {
  const sockets: Socket[] = []
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const deaf = await startDeafProxy(endpoint.kind === 'tcp' ? endpoint.port : 0, sockets)
  const bounds = { queuedBytesMax: 100_000_000 }
  const link = await peers.open({ kind: 'tcp', host: '127.0.0.1', port: deaf.port }, { bounds })
  deaf.stopReading()
  const input = JSON.stringify('x'.repeat(4_000_000))
  const ends = Array.from({ length: 8 }, () => link.call(input))
  await new Promise((resolve) => setTimeout(resolve, 50))
  deaf.close()
  for (const end of ends) assert.match(await end, /^lost unsent /)
  assert.equal(peers.receiver.received, 0)
})

/** Opens a link and gets hold of the socket below it. */
async function openWithSocket(peers: Peers, endpoint: Endpoint): Promise<[TestLink, Socket]> {
  const sockets: Socket[] = []
  const note = (message: unknown): void => {
    sockets.push((message as { readonly socket: Socket }).socket)
  }
  subscribe('net.client.socket', note)
  const link = await peers.open(endpoint)
  unsubscribe('net.client.socket', note)
  const [socket] = sockets
  assert.ok(socket !== undefined)
  return [link, socket]
}

/** A proxy that passes bytes on until it is told to stop reading. */
async function startDeafProxy(
  port: number,
  open: Socket[],
): Promise<{ port: number; stopReading(): void; close(): void }> {
  const server = createServer((inner) => {
    const outer = connect({ host: '127.0.0.1', port })
    open.push(inner, outer)
    inner.pipe(outer).pipe(inner)
    for (const socket of [inner, outer]) socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stopReading: () => {
      for (const socket of open) socket.unpipe().pause()
    },
    close: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
