import assert from 'node:assert/strict'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { FakeClock } from '../kernel/index.ts'
import { remoteDraining } from './errors.ts'
import { Peers, TestCall, type TestLink } from './listener.fixture.ts'
import { encodePostHeaders, postPath } from './post-headers.ts'
import type { Endpoint } from './port.ts'
import { RawPeer, upgradeRequest } from './raw-peer.fixture.ts'

test('draining tells every caller, serves what is under way, and ends when all have left', async () => {
  await using peers = new Peers()
  peers.receiver.hold()
  const listener = await peers.listen()
  const links = await Promise.all([1, 2].map(() => peers.open(listener.endpoint)))
  const ends = links.map((link) => link.call('1'))
  await peers.receiver.until(() => peers.receiver.received === 2)
  let isDrained = false
  const drained = listener.drain({ deadlineMs: 5_000 }).then((left) => {
    isDrained = true
    return left
  })
  for (const { told } of links) {
    while (!told.includes('draining')) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  assert.deepEqual(
    links.map(({ link }) => link.send(new TestCall())),
    [false, false],
  )
  assert.equal(isDrained, false)
  assert.equal(listener.inFlight, 2)
  for (const { sink } of peers.receiver.work) sink.answered('2')
  assert.deepEqual(await Promise.all(ends), ['answered 2', 'answered 2'])
  assert.equal(await drained, 0)
  for (const { told } of links) assert.deepEqual(told, ['opened', 'draining', 'closed'])
})

test('draining ends at its deadline, and says how much was still under way', async () => {
  const clock = new FakeClock()
  await using peers = new Peers(clock)
  peers.receiver.hold()
  const listener = await peers.listen()
  const link = await peers.open(listener.endpoint)
  const end = link.call()
  await peers.receiver.until(() => peers.receiver.received === 1)
  const drained = listener.drain({ deadlineMs: 3_000 })
  assert.equal(drained, listener.drain({ deadlineMs: 1 }))
  await clock.advance(2_999)
  assert.equal(listener.inFlight, 1)
  await clock.advance(1)
  assert.equal(await drained, 1)
  await listener.stop()
  assert.match(await end, /^lost sent /)
  assert.equal(peers.receiver.work[0]?.isCancelled, true)
})

test('new connections of a draining instance carry no calls, whatever the carrier', async () => {
  await using peers = new Peers()
  peers.receiver.hold()
  const listener = await peers.listen({ handler: (_request, response) => response.end('alive') })
  const link = await peers.open(listener.endpoint)
  const end = link.call()
  await peers.receiver.until(() => peers.receiver.received === 1)
  const drained = listener.drain({ deadlineMs: 5_000 })
  using peer = await RawPeer.connect(listener.endpoint)
  peer.socket.write(upgradeRequest())
  await peer.ended()
  assert.match(peer.answer, /^HTTP\/1\.1 503 /)
  assert.match(await post(listener.endpoint), new RegExp(`^503 .*"code":"${remoteDraining.code}"`))
  assert.match(await post(listener.endpoint, '/livez'), /^200 alive/)
  peers.receiver.work[0]?.sink.answered('1')
  assert.equal(await end, 'answered 1')
  assert.equal(await drained, 0)
})

function post(endpoint: Endpoint, path = postPath('inventory.reserve')): Promise<string> {
  const where =
    endpoint.kind === 'unix'
      ? { socketPath: endpoint.path }
      : { host: endpoint.host, port: endpoint.port }
  const headers = encodePostHeaders(new TestCall(), 'edge')
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, path, method: 'POST', headers }, (answer) => {
      text(answer).then((body) => resolve(`${answer.statusCode} ${body}`), reject)
    })
    asked.on('error', reject)
    asked.end('{}')
  })
}

test('draining under load fails no call: each is answered, or refused before it is sent', async () => {
  await using peers = new Peers()
  peers.receiver.handle = ({ call, sink }) =>
    void setTimeout(() => sink.answered(call.input), Number(call.input) % 7)
  const listener = await peers.listen()
  const links = await Promise.all([1, 2, 3].map(() => peers.open(listener.endpoint)))
  const counts = { answered: 0, refused: 0, other: 0 }
  const loops = links.flatMap((link) =>
    Array.from({ length: 20 }, () => callUntilRefused(link, counts)),
  )
  await peers.receiver.until(() => peers.receiver.received > 2_000)
  const left = await listener.drain({ deadlineMs: 5_000 })
  await Promise.all(loops)
  assert.equal(left, 0)
  assert.deepEqual(counts, { answered: peers.receiver.received, refused: 60, other: 0 })
})

test('stopping without draining does lose calls under the same load', async () => {
  await using peers = new Peers()
  peers.receiver.handle = ({ call, sink }) =>
    void setTimeout(() => sink.answered(call.input), Number(call.input) % 7)
  const listener = await peers.listen()
  const link = await peers.open(listener.endpoint)
  const counts = { answered: 0, refused: 0, other: 0 }
  const loops = Array.from({ length: 20 }, () => callUntilRefused(link, counts))
  await peers.receiver.until(() => peers.receiver.received > 500)
  await listener.stop()
  await Promise.all(loops)
  assert.ok(counts.other > 0)
})

async function callUntilRefused(
  link: TestLink,
  counts: { answered: number; refused: number; other: number },
): Promise<void> {
  for (let number = 0; ; number++) {
    const end = await link.call(String(number))
    if (end === `answered ${number}`) counts.answered++
    else if (end === 'refused') {
      counts.refused++
      return
    } else {
      counts.other++
      return
    }
  }
}
