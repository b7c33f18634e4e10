import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { Peers, TestCall } from '../listener.fixture.ts'
import { Proxy, requireProxy } from './proxy.fixture.ts'

test(
  'frames pass through HAProxy in HTTP mode: calls, long payloads, cancels and a drain',
  {
    ...requireProxy('haproxy'),
  },
  async () => {
    await using peers = new Peers()
    const listener = await peers.listen()
    await using proxy = await Proxy.haproxy(peers.folder, listener.endpoint)
    const link = await peers.open(proxy.endpoint)
    await exercise(peers, link)
    const drained = listener.drain({ deadlineMs: 5_000 })
    await link.isClosed
    assert.equal(await drained, 0)
    assert.deepEqual(link.told, ['opened', 'draining', 'closed'])
  },
)

test(
  'an instance behind HAProxy that is not there closes the link',
  {
    ...requireProxy('haproxy'),
  },
  async () => {
    await using peers = new Peers()
    const path = join(peers.folder, 'sales.sock')
    await using proxy = await Proxy.haproxy(peers.folder, { kind: 'unix', path })
    assert.match(await peers.connect(proxy.endpoint).isClosed, /refused: 503/)
    const listener = await peers.listen({ endpoint: { kind: 'unix', path } })
    const link = await peers.open(proxy.endpoint)
    await exercise(peers, link)
    peers.receiver.hold()
    const end = link.call()
    await peers.receiver.until(() => listener.inFlight === 1)
    await listener.stop()
    assert.match(await end, /^lost sent /)
  },
)

async function exercise(peers: Peers, link: Awaited<ReturnType<Peers['open']>>): Promise<void> {
  const inputs = Array.from({ length: 2_000 }, (_, index) => String(index))
  const ends = await Promise.all(
    inputs.map(async (input) => {
      while (link.link.inFlight >= 1_000) await new Promise((resolve) => setImmediate(resolve))
      return link.call(input)
    }),
  )
  assert.deepEqual(
    ends,
    inputs.map((input) => `answered ${input}`),
  )
  const large = JSON.stringify('ü'.repeat(1_500_000))
  assert.equal(await link.call(large), `answered ${large}`)
  const { handle } = peers.receiver
  peers.receiver.hold()
  const before = peers.receiver.received
  const call = new TestCall()
  link.link.send(call)
  await peers.receiver.until(() => peers.receiver.received === before + 1)
  link.link.cancel(call)
  await peers.receiver.until(() => peers.receiver.work.at(-1)?.isCancelled === true)
  peers.receiver.work.at(-1)?.sink.failed('{}', 'cancelled')
  peers.receiver.handle = handle
}
