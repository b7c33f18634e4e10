import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../kernel/index.ts'
import { frameType } from './frames/layout.ts'
import { webSocketFrame } from './frames/web-socket.fixture.ts'
import { Peers } from './listener.fixture.ts'
import { callFrame, nameFrame, RawPeer } from './raw-peer.fixture.ts'

test('a peer that asks for signs of life and reads none does not fill the memory', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  using peer = await RawPeer.greeted(endpoint)
  peer.socket.pause()
  const ping = webSocketFrame(Buffer.alloc(125), { opcode: 9, mask: Buffer.alloc(4) })
  const pings = Buffer.concat(Array.from({ length: 5_000 }, () => ping))
  for (let round = 0; round < 60; round++) {
    if (!peer.socket.write(pings))
      await new Promise((resolve) => peer.socket.once('drain', resolve))
  }
  peer.send(Buffer.concat([nameFrame, callFrame(1, '1')]))
  await peers.receiver.until(() => peers.receiver.received === 1)
  peer.socket.resume()
  await peer.until(() => peer.frames.length === 2)
  // 300,000 pongs would be 38 MB; what fitted the machine's own buffers came
  assert.ok(peer.socket.bytesRead < 20_000_000, `${peer.socket.bytesRead} bytes`)
})

test('a peer that never says hello, or never upgrades, is cut off', async () => {
  const clock = new FakeClock()
  await using peers = new Peers(clock)
  const { endpoint } = await peers.listen()
  using peer = await RawPeer.connect(endpoint)
  await peer.upgrade()
  await clock.advance(1_999)
  assert.equal(peer.isClosed, false)
  await clock.advance(1)
  assert.equal(await peer.ended(), undefined)
})

test('a caller whose machine has vanished is found dead, and its calls are cancelled', async () => {
  const clock = new FakeClock()
  await using peers = new Peers(clock)
  peers.receiver.hold()
  const { endpoint } = await peers.listen()
  using peer = await RawPeer.greeted(endpoint)
  peer.send(Buffer.concat([nameFrame, callFrame(1, '1')]))
  await peers.receiver.until(() => peers.receiver.received === 1)
  await clock.advance(10_000)
  await peer.until(() => peer.frames.some(({ type }) => type === frameType.ping))
  assert.equal(peers.receiver.work[0]?.isCancelled, false)
  await clock.advance(10_000)
  await peers.receiver.until(() => peers.receiver.work[0]?.isCancelled === true)
  await peer.ended()
})

test('a peer that answers pings is never taken for dead', async () => {
  const clock = new FakeClock()
  await using peers = new Peers(clock)
  const { endpoint } = await peers.listen()
  const link = await peers.open(endpoint)
  for (let passedMs = 0; passedMs < 120_000; passedMs += 1_000) {
    await clock.advance(1_000)
    // what the beat caused crosses the machine
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  assert.equal(await link.call('1'), 'answered 1')
})

test('a caller that does not read is not read from, and read from again when it does', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen({ bounds: { inFlightMax: 65_536 } })
  const input = JSON.stringify('x'.repeat(15_000))
  using peer = await RawPeer.greeted(endpoint)
  peer.socket.pause()
  peer.send(nameFrame)
  let sent = 0
  while (peer.socket.writableLength < 1_000_000 && sent < 10_000) {
    for (let count = 0; count < 20; count++) peer.send(callFrame(sent++, input))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  assert.ok(sent < 10_000, 'it never stopped reading')
  assert.ok(peers.receiver.received < sent)
  peer.socket.resume()
  await peer.until(() => peer.frames.length === sent + 1)
  assert.equal(peers.receiver.received, sent)
})

test('a caller for whom too many bytes of answers wait is cut off', async () => {
  await using peers = new Peers()
  peers.receiver.hold()
  const bounds = { inFlightMax: 65_536, answerBytesMax: 20_000_000 }
  const { endpoint } = await peers.listen({ bounds })
  using peer = await RawPeer.greeted(endpoint)
  peer.send(nameFrame)
  for (let id = 0; id < 4_000; id++) peer.send(callFrame(id, '1'))
  await peers.receiver.until(() => peers.receiver.received === 4_000)
  peer.socket.pause()
  const output = JSON.stringify('x'.repeat(15_000))
  for (const { sink } of peers.receiver.work) sink.answered(output)
  peer.socket.resume()
  await peer.ended()
  assert.ok(peer.frames.length < 4_000)
})
