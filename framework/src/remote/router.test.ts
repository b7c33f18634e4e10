import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRouterFixture, instance } from './router.fixture.ts'

const refusal = (code: string, kind = 'unavailable'): string =>
  `{"code":"${code}","kind":"${kind}","message":"m","fix":"f","details":{}}`

test('a call goes to the less busy of two instances', () => {
  const { carrier, send } = createRouterFixture(['a', 'b'])
  for (let count = 0; count < 10; count++) send()
  assert.equal(carrier.to('a').inFlight, 5)
  assert.equal(carrier.to('b').inFlight, 5)
})

test('an answer reaches its caller, and so does a failure that the callee declared', () => {
  const { carrier, send } = createRouterFixture(['a'])
  const [answered, failed] = [send(), send()]
  carrier.to('a').answer()
  carrier.to('a').fail(refusal('STOCK_SOLD_OUT', 'conflict'))
  assert.equal(answered.outcome, 'answered 1')
  assert.match(failed.outcome, /^failed .*STOCK_SOLD_OUT/)
})

test('no link is opened before the first call to a module, then one to each of its instances', () => {
  const { carrier, directory, send } = createRouterFixture(['a', 'b'])
  directory.set([...directory.instances, instance('c', ['other'])])
  assert.equal(carrier.links.length, 0)
  send()
  send()
  assert.deepEqual(
    carrier.links.map(({ address }) => address.id),
    ['a', 'b'],
  )
})

test('an instance of two modules is reached over one link', () => {
  const { carrier, directory, send } = createRouterFixture([])
  directory.set([instance('a', ['stock', 'other'])])
  send({ module: 'stock' })
  send({ module: 'other' })
  assert.equal(carrier.links.length, 1)
  assert.equal(carrier.to('a').inFlight, 2)
})

test('calls wait for a connecting link and leave in order; a second instance takes over', async () => {
  const { carrier, clock, send } = createRouterFixture(['a', 'b'], { isReady: false })
  const calls = [send(), send(), send()]
  await clock.advance(10)
  assert.equal(carrier.to('a').inFlight + carrier.to('b').inFlight, 0)
  carrier.to('b').open()
  assert.deepEqual(carrier.to('b').calls, calls)
  carrier.to('b').answer()
  assert.equal(calls[0]?.outcome, 'answered 1')
})

test('a link at its bound passes calls on to another; when all are, the calls wait in order', () => {
  const { carrier, router, send } = createRouterFixture(['a', 'b'])
  const first = send()
  carrier.to('a').callsMax = 1
  carrier.to('b').callsMax = 1
  const second = send()
  const waiting = [send(), send()]
  assert.equal(carrier.to('a').inFlight + carrier.to('b').inFlight, 2)
  carrier.to('a').answer()
  assert.deepEqual(carrier.to('a').calls, [waiting[0]])
  carrier.to('b').answer()
  assert.deepEqual(carrier.to('b').calls, [waiting[1]])
  assert.deepEqual([first.ends, second.ends], [1, 1])
  assert.deepEqual(
    router.states().map(({ inFlight }) => inFlight),
    [1, 1],
  )
})

test('a waiting call that waits for room leaves though nothing else ends', async () => {
  const { carrier, clock, send } = createRouterFixture(['a'])
  send()
  carrier.to('a').callsMax = 1
  const waiting = send()
  carrier.to('a').callsMax = 2
  await clock.advance(60)
  assert.equal(carrier.to('a').calls[1], waiting)
})

test('an instance that says it is draining gets no more calls', () => {
  const { carrier, router, send } = createRouterFixture(['a', 'b'])
  const [one, other] = [send(), send()]
  carrier.to('a').drain()
  for (let count = 0; count < 5; count++) send()
  assert.deepEqual([carrier.to('a').inFlight, carrier.to('b').inFlight], [1, 6])
  assert.deepEqual(
    router.states().map(({ link }) => link),
    ['draining', 'open'],
  )
  carrier.to('a').answer()
  assert.deepEqual([one.ends + other.ends], [1])
})

test('a module that no instance runs is unplaced, after a wait for one', async () => {
  const { clock, send, directory, carrier } = createRouterFixture([])
  const early = send()
  await clock.advance(4_000)
  assert.equal(early.outcome, '')
  await clock.advance(1_100)
  assert.equal(early.outcome, 'REMOTE_MODULE_UNPLACED')
  assert.equal(early.error?.kind, 'unavailable')
  const late = send()
  await clock.advance(400)
  assert.equal(late.outcome, '')
  directory.set([instance('a')])
  carrier.to('a').answer()
  assert.equal(late.outcome, 'answered 1')
})

test('once nobody was there for long, calls wait only a tenth', async () => {
  const { clock, send } = createRouterFixture([])
  send()
  await clock.advance(20_000)
  const call = send()
  await clock.advance(600)
  assert.equal(call.outcome, 'REMOTE_MODULE_UNPLACED')
})

test('an instance that cannot be connected makes its module unreachable, and names the cause', async () => {
  const { carrier, clock, send } = createRouterFixture(['a'], { isReady: false })
  const call = send()
  for (let step = 0; step < 60; step++) {
    if (!carrier.to('a').isClosed) carrier.to('a').die('ECONNREFUSED', false)
    await clock.advance(100)
  }
  assert.equal(call.outcome, 'REMOTE_UNREACHABLE')
  assert.match(call.error?.message ?? '', /ECONNREFUSED/)
})

test('links are opened again after pauses that grow', async () => {
  const { carrier, clock, send } = createRouterFixture(['a'], { isReady: false })
  send()
  const openedMs: number[] = []
  for (let stepMs = 0; stepMs < 12_000; stepMs += 5) {
    if (!carrier.to('a').isClosed) {
      openedMs.push(clock.monotonicMs())
      carrier.to('a').die('ECONNREFUSED', false)
    }
    await clock.advance(5)
  }
  const pauses = openedMs.slice(1).map((atMs, index) => atMs - (openedMs[index] ?? 0))
  assert.ok((pauses[0] ?? 0) >= 25 && (pauses[0] ?? 0) <= 60, String(pauses))
  assert.ok((pauses.at(-1) ?? 0) >= 1_000 && (pauses.at(-1) ?? 0) <= 2_010, String(pauses))
})

test('more calls than may wait are refused', () => {
  const { send } = createRouterFixture([], { queue: { callsMax: 2 } })
  const calls = [send(), send(), send()]
  assert.deepEqual(
    calls.map(({ outcome }) => outcome),
    ['', '', 'REMOTE_QUEUE_FULL'],
  )
})

test('a call that its caller gives up is cancelled where it is: on a link, waiting, or between two', async () => {
  const onLink = createRouterFixture(['a'])
  const sent = onLink.send()
  sent.cancel(onLink.router)
  assert.deepEqual(onLink.carrier.to('a').cancelled, [sent])

  const waiting = createRouterFixture(['a'], { isReady: false })
  waiting.send().cancel(waiting.router)
  const stays = waiting.send()
  waiting.carrier.to('a').open()
  assert.deepEqual(waiting.carrier.to('a').calls, [stays])

  const between = createRouterFixture(['a'])
  const lost = between.send()
  between.carrier.to('a').lose(true)
  lost.cancel(between.router)
  await between.clock.advance(100)
  assert.equal(between.carrier.to('a').taken, 1)
  assert.deepEqual([sent.ends, lost.ends], [1, 1])
})

test('an instance that leaves the directory finishes what it has and gets nothing new', () => {
  const { carrier, directory, send } = createRouterFixture(['a', 'b'])
  const calls = [send(), send()]
  const leaving = carrier.to('a')
  leaving.close = () => new Promise(() => {})
  directory.set([instance('b')])
  send()
  assert.deepEqual([leaving.inFlight, carrier.to('b').inFlight], [1, 2])
  leaving.answer()
  assert.equal(calls.filter(({ outcome }) => outcome === 'answered 1').length, 1)
})

test('an instance that comes is connected at once, one whose address changed anew', () => {
  const { carrier, directory, send } = createRouterFixture(['a'])
  send()
  directory.set([instance('a'), instance('b')])
  assert.equal(carrier.to('b').inFlight, 0)
  const moved = { ...instance('a'), endpoint: { kind: 'unix', path: '/elsewhere' } } as const
  directory.set([moved, instance('b')])
  assert.deepEqual(carrier.to('a').address, moved)
  assert.equal(carrier.links.length, 3)
})

test('a draining link finishes its calls; the instance is connected again when it closes', async () => {
  const { carrier, clock, send } = createRouterFixture(['a'])
  const under = send()
  const old = carrier.to('a')
  old.drain()
  const waiting = send()
  assert.equal(old.inFlight, 1)
  old.answer()
  old.die('goodbye', true)
  await clock.advance(60)
  carrier.to('a').answer()
  assert.deepEqual([under.outcome, waiting.outcome], ['answered 1', 'answered 1'])
})

test('a router that closes refuses new calls, lets the others end, then closes its links', async () => {
  const { carrier, router, send } = createRouterFixture(['a'])
  const call = send()
  const closed = router.close(1_000)
  assert.equal(send().outcome, 'REMOTE_ROUTER_CLOSED')
  assert.equal(carrier.to('a').isClosed, false)
  carrier.to('a').answer()
  await closed
  assert.equal(call.outcome, 'answered 1')
  assert.equal(carrier.to('a').isClosed, true)
  await router.close(1_000)
})

test('a router that closes ends at its deadline what has not ended: each call once', async () => {
  const { carrier, clock, router, send } = createRouterFixture(['a'])
  const [query, command] = [send(), send({ kind: 'command' })]
  carrier.to('a').callsMax = 2
  const waiting = send()
  const closed = router.close(500)
  await clock.advance(600)
  await closed
  await clock.advance(1_000)
  assert.equal(query.outcome, 'REMOTE_UNREACHABLE')
  assert.equal(command.outcome, 'CALL_OUTCOME_UNKNOWN')
  assert.equal(waiting.outcome, 'REMOTE_UNREACHABLE')
  assert.deepEqual([query.ends, command.ends, waiting.ends], [1, 1, 1])
})

test('what a link of the past says changes nothing', async () => {
  const { carrier, clock, router, send } = createRouterFixture(['a'])
  send()
  const old = carrier.to('a')
  old.die('reset', true)
  old.open()
  assert.equal(router.states()[0]?.link, 'waiting')
  await clock.advance(100)
  old.drain()
  old.die('again', true)
  assert.equal(router.states()[0]?.link, 'open')
})

test('metrics count how calls end, what was sent again, links and who waits', async () => {
  const { carrier, clock, router, send, telemetry } = createRouterFixture(['a', 'b'])
  const expired = send({ timeoutMs: 10 })
  await clock.advance(10)
  expired.cancel(router)
  send().cancel(router)
  send()
  carrier.links.find(({ inFlight }) => inFlight === 1)?.lose(true)
  await clock.advance(20)
  carrier.links.find(({ inFlight }) => inFlight === 1)?.answer()
  send({ module: 'nowhere' })
  const text = telemetry.metrics.text()
  for (const line of [
    'banyan_remote_calls_total{service="sales",outcome="expired"} 1',
    'banyan_remote_calls_total{service="sales",outcome="cancelled"} 1',
    'banyan_remote_calls_total{service="sales",outcome="answered"} 1',
    'banyan_remote_retries_total{module="stock"} 1',
    'banyan_remote_links{state="open"} 2',
    'banyan_remote_calls_waiting 1',
    'banyan_remote_calls_in_flight 1',
  ]) {
    assert.ok(text.includes(line), `${line}\n${text}`)
  }
})

test('states tell where calls can go', () => {
  const { router, send } = createRouterFixture(['a'])
  send()
  assert.deepEqual(router.states(), [
    { id: 'a', service: 'sales', link: 'open', health: 'in', inFlight: 1 },
  ])
})

test('a command that waits in vain ends before its deadline, while it is sure that nothing happened', async () => {
  const { clock, send } = createRouterFixture(['a'], { isReady: false })
  const call = send({ kind: 'command', timeoutMs: 1_000 })
  await clock.advance(990)
  assert.equal(call.outcome, 'REMOTE_UNREACHABLE')
})

test('a link that breaks is told in the log', async () => {
  const { carrier, logged, send } = createRouterFixture(['a'])
  send()
  carrier.to('a').die('ECONNRESET', true)
  assert.match(
    (await logged()).join('\n'),
    /"level":40.*"cause":"ECONNRESET".*the link to a closed/,
  )
})

test('a new call does not overtake those that wait, nor is a waiting one forgotten when it is tried', async () => {
  const { carrier, clock, send, telemetry } = createRouterFixture(['a'])
  send()
  carrier.to('a').callsMax = 1
  const waiting = send()
  await clock.advance(60)
  assert.match(telemetry.metrics.text(), /^banyan_remote_calls_in_flight 2$/m)
  carrier.to('a').callsMax = 2
  const late = send()
  assert.deepEqual([carrier.to('a').taken, carrier.to('a').calls.includes(late)], [1, false])
  await clock.advance(60)
  assert.equal(carrier.to('a').calls[1], waiting)
})

test('a module whose last instance has left is unplaced', async () => {
  const { carrier, clock, directory, send } = createRouterFixture(['a'])
  send()
  carrier.to('a').answer()
  directory.set([])
  const call = send()
  await clock.advance(5_100)
  assert.equal(call.outcome, 'REMOTE_MODULE_UNPLACED')
})
