import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { FakeClock } from '../../kernel/index.ts'
import { eventually, Peers, TestCall } from '../listener.fixture.ts'

/** The sockets that this process connects, while it is not disposed. */
class ConnectedSockets implements Disposable {
  readonly sockets: Socket[] = []
  readonly #note = (message: unknown): void => {
    this.sockets.push((message as { readonly socket: Socket }).socket)
  }

  constructor() {
    subscribe('net.client.socket', this.#note)
  }

  [Symbol.dispose](): void {
    unsubscribe('net.client.socket', this.#note)
  }
}

test('a connection that is lost beside living ones costs its own calls, and is opened again', async () => {
  using connected = new ConnectedSockets()
  const clock = new FakeClock()
  await using peers = new Peers(clock)
  peers.receiver.hold()
  const { endpoint } = await peers.listen()
  const link = await peers.open(endpoint, { connections: 2, bounds: { inFlightMax: 5 } })
  await eventually(() => connected.sockets.length === 2, 'two sockets')
  const calls: TestCall[] = []
  // both connections are full only if calls go to the less busy one
  await eventually(() => {
    const call = new TestCall()
    if (link.link.send(call)) calls.push(call)
    return calls.length === 10
  }, 'ten calls taken')
  assert.equal(link.link.send(new TestCall()), false)
  await peers.receiver.until(() => peers.receiver.received === 10)
  connected.sockets[0]?.destroy()
  await peers.receiver.until(
    () => peers.receiver.work.filter((work) => work.isCancelled).length === 5,
  )
  await eventually(() => link.link.inFlight === 5, 'five calls lost')
  assert.deepEqual(link.told, ['opened', ...Array<string>(5).fill('lost')])
  for (const { sink } of peers.receiver.work) sink.answered('1')
  await eventually(() => link.link.inFlight === 0, 'the others answered')
  assert.equal(connected.sockets.length, 2)
  await clock.advance(1_000)
  assert.equal(connected.sockets.length, 3)
  peers.receiver.work.length = 0
  const more: TestCall[] = []
  await eventually(() => {
    const call = new TestCall()
    if (link.link.send(call)) more.push(call)
    return more.length === 10
  }, 'ten calls taken again')
  for (const socket of connected.sockets) socket.destroy()
  await link.isClosed
  assert.equal(link.told.at(-1), 'closed')
  assert.equal(link.told.filter((told) => told === 'lost').length, 15)
})

test('closing a link waits for its calls, and takes no new ones', async () => {
  await using peers = new Peers()
  peers.receiver.hold()
  const { endpoint } = await peers.listen()
  const link = await peers.open(endpoint)
  const end = link.call()
  await peers.receiver.until(() => peers.receiver.received === 1)
  const closed = link.link.close(5_000)
  assert.equal(link.link.send(new TestCall()), false)
  assert.equal(link.link.inFlight, 1)
  peers.receiver.work[0]?.sink.answered('1')
  assert.equal(await end, 'answered 1')
  await closed
  assert.deepEqual(link.told, ['opened', 'closed'])
})

test('closing a link cuts off at its deadline what is still under way', async () => {
  const clock = new FakeClock()
  await using peers = new Peers(clock)
  peers.receiver.hold()
  const { endpoint } = await peers.listen()
  const link = await peers.open(endpoint)
  const end = link.call()
  await peers.receiver.until(() => peers.receiver.received === 1)
  const closed = link.link.close(3_000)
  await clock.advance(2_999)
  assert.equal(link.link.inFlight, 1)
  await clock.advance(1)
  assert.match(await end, /^lost sent closed before it was answered/)
  await closed
  await peers.receiver.until(() => peers.receiver.work[0]?.isCancelled === true)
})
