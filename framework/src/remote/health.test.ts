import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRouterFixture, type FakeLink, type RouterFixture } from './router.fixture.ts'

const limits = { ejection: { failuresMax: 3, baseMs: 1_000, maxMs: 8_000 } }

/** Loses calls at one instance until it is ejected, as a row of losses does. */
function eject({ router, send }: RouterFixture, link: FakeLink): void {
  for (let tries = 0; tries < 100 && healthOf(router, link) === 'in'; tries++) {
    const call = send({ kind: 'keyless' })
    if (link.calls.includes(call)) link.lose(true, call)
    else call.cancel(router)
  }
  assert.equal(healthOf(router, link), 'ejected')
}

function healthOf(router: RouterFixture['router'], link: FakeLink): string {
  return router.states().find(({ id }) => id === link.address.id)?.health ?? ''
}

/** Fixture whose links are known. */
function connected(ids: readonly string[], options = {}): RouterFixture & { bad: FakeLink } {
  const fixture = createRouterFixture(ids, { ...limits, ...options })
  fixture.send().cancel(fixture.router)
  return { ...fixture, bad: fixture.carrier.to('a') }
}

test('an instance that loses calls in a row is left out, and logged', async () => {
  const fixture = connected(['a', 'b'])
  eject(fixture, fixture.bad)
  const before = fixture.bad.taken
  for (let count = 0; count < 20; count++) fixture.send()
  assert.equal(fixture.bad.taken, before)
  assert.match((await fixture.logged()).join('\n'), /a answers nothing: left out/)
  const text = fixture.telemetry.metrics.text()
  assert.ok(text.includes('banyan_remote_ejections_total{service="sales"} 1'), text)
})

test('answers between losses keep an instance in, and so do declared failures', () => {
  const { bad, router, send } = connected(['a', 'b'])
  let seen = 0
  for (let count = 0; count < 200 && seen < 30; count++) {
    const call = send({ kind: 'keyless' })
    if (!bad.calls.includes(call)) {
      call.cancel(router)
      continue
    }
    seen++
    if (seen % 3 === 0) bad.fail('{"code":"STOCK_SOLD_OUT","kind":"conflict"}', call)
    else bad.lose(true, call)
  }
  assert.equal(seen, 30)
  assert.equal(healthOf(router, bad), 'in')
})

test('time-outs eject; callers who leave for other reasons do not', async () => {
  const patient = connected(['a', 'b'])
  for (let count = 0; count < 20; count++) patient.send().cancel(patient.router)
  assert.equal(healthOf(patient.router, patient.bad), 'in')

  const { bad, clock, router, send } = connected(['a', 'b'])
  const calls = Array.from({ length: 8 }, () => send({ timeoutMs: 10 }))
  await clock.advance(10)
  for (const call of calls) if (bad.calls.includes(call)) call.cancel(router)
  assert.equal(healthOf(router, bad), 'ejected')
})

test('connections that fail in a row eject', async () => {
  const { bad, carrier, clock, router } = connected(['a', 'b'])
  bad.die('reset', true)
  for (let tries = 0; tries < 5; tries++) {
    await clock.advance(700)
    if (!carrier.to('a').isClosed) carrier.to('a').die('ECONNREFUSED', false)
  }
  assert.notEqual(healthOf(router, bad), 'in')
})

test('the only instance of a module is never left out, nor the last one that is connected', () => {
  const alone = connected(['a'])
  for (let count = 0; count < 10; count++) {
    alone.send({ kind: 'keyless' })
    alone.bad.lose(true)
  }
  assert.equal(healthOf(alone.router, alone.bad), 'in')

  const { bad, carrier, router, send } = connected(['a', 'b'])
  carrier.to('b').die('gone', true)
  for (let count = 0; count < 10; count++) {
    send({ kind: 'keyless' })
    bad.lose(true)
  }
  assert.equal(healthOf(router, bad), 'in')
})

test('at most half of the instances are left out, and still every call is sent', () => {
  const { carrier, router, send } = connected(['a', 'b', 'c', 'd', 'e'])
  for (let count = 0; count < 400; count++) {
    const call = send({ kind: 'keyless' })
    carrier.links.find(({ calls }) => calls.includes(call))?.lose(true, call)
    assert.equal(call.ends, 1)
  }
  const out = router.states().filter(({ health }) => health !== 'in')
  assert.equal(out.length, 2)
})

test('after a pause one call proves the instance; its answer readmits it', async () => {
  const fixture = connected(['a', 'b'])
  const { bad, clock, router, send } = fixture
  eject(fixture, bad)
  const before = bad.taken
  await clock.advance(1_100)
  const probe = send()
  const others = [send(), send(), send()]
  assert.deepEqual([bad.calls.includes(probe), bad.taken], [true, before + 1])
  assert.equal(healthOf(router, bad), 'probing')
  bad.answer(probe)
  assert.equal(healthOf(router, bad), 'in')
  assert.ok(others.every(({ ends }) => ends === 0))
  assert.match((await fixture.logged()).join('\n'), /a answers again/)
})

test('a lost probe leaves the instance out for longer, and its call goes elsewhere', async () => {
  const fixture = connected(['a', 'b'])
  const { bad, carrier, clock, router, send } = fixture
  eject(fixture, bad)
  const pauses: number[] = []
  for (let round = 0; round < 3; round++) {
    const sinceMs = clock.monotonicMs()
    while (healthOf(router, bad) === 'ejected') await clock.advance(50)
    pauses.push(clock.monotonicMs() - sinceMs)
    const probe = send()
    bad.lose(true, probe)
    await clock.advance(20)
    carrier.to('b').answer(probe)
    assert.equal(probe.outcome, 'answered 1')
  }
  const [first = 0, second = 0, third = 0] = pauses
  assert.ok(first >= 500 && first <= 1_050 && second >= 1_000 && third >= 1_950, String(pauses))
})

test('only the probe decides: an answer from before the ejection does not readmit', () => {
  const fixture = connected(['a', 'b'])
  const { bad, router, send } = fixture
  const before = [send(), send()].find((call) => bad.calls.includes(call))
  assert.ok(before !== undefined)
  eject(fixture, bad)
  bad.answer(before)
  assert.equal(healthOf(router, bad), 'ejected')
})

test('a probe whose caller leaves proves nothing; the next call is the probe', async () => {
  const fixture = connected(['a', 'b'])
  const { bad, clock, router, send } = fixture
  eject(fixture, bad)
  await clock.advance(1_100)
  send().cancel(router)
  assert.equal(healthOf(router, bad), 'candidate')
  bad.answer(send())
  assert.equal(healthOf(router, bad), 'in')
})

test('when all that are connected are left out, they are used all the same', () => {
  const fixture = connected(['a', 'b'])
  const { bad, carrier, send } = fixture
  eject(fixture, bad)
  carrier.to('b').die('gone', true)
  const call = send()
  bad.answer(call)
  assert.equal(call.outcome, 'answered 1')
})

test('who has done well for long begins with the shortest pause again', async () => {
  const fixture = connected(['a', 'b'])
  const { bad, clock, router, send } = fixture
  for (let round = 0; round < 3; round++) {
    eject(fixture, bad)
    await clock.advance(1_100)
    const probe = send()
    assert.ok(bad.calls.includes(probe), `round ${round}`)
    bad.answer(probe)
    assert.equal(healthOf(router, bad), 'in')
    await clock.advance(9_000)
  }
})
