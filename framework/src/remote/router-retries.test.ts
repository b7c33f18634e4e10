import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRouterFixture, FakeCall, type FakeCallOptions } from './router.fixture.ts'

const refusal = (code: string, kind = 'unavailable'): string =>
  `{"code":"${code}","kind":"${kind}","message":"m","fix":"f","details":{}}`

test('what was not sent moves to another instance at once, whatever it is', () => {
  for (const kind of ['query', 'command', 'keyless'] as const) {
    const { carrier, send } = createRouterFixture(['a', 'b'])
    const call = send({ kind })
    const [from, to] = carrier.to('a').inFlight === 1 ? ['a', 'b'] : ['b', 'a']
    carrier.to(from).die('refused', false)
    assert.deepEqual(carrier.to(to).calls, [call])
    carrier.to(to).answer()
    assert.equal(call.outcome, 'answered 1')
  }
})

test('a query or a keyed command that was sent and lost is sent once more, after a pause', async () => {
  for (const kind of ['query', 'command'] as const) {
    const { carrier, clock, send } = createRouterFixture(['a', 'b'])
    const call = send({ kind })
    const [from, to] = carrier.to('a').inFlight === 1 ? ['a', 'b'] : ['b', 'a']
    carrier.to(from).lose(true)
    assert.equal(carrier.to(to).inFlight, 0)
    await clock.advance(20)
    carrier.to(to).answer()
    assert.equal(call.outcome, 'answered 1')
  }
})

test('a command without a key that was sent and lost may have happened', () => {
  const { carrier, send } = createRouterFixture(['a', 'b'])
  const call = send({ kind: 'keyless' })
  carrier.to(carrier.to('a').inFlight === 1 ? 'a' : 'b').lose(true)
  assert.equal(call.outcome, 'CALL_OUTCOME_UNKNOWN')
  assert.equal(call.error?.kind, 'unknown_outcome')
  assert.match(String(call.error?.cause), /REMOTE_UNREACHABLE.*reset/)
})

test('after the last attempt a query is unreachable and a command has an unknown outcome', async () => {
  const codes = { query: 'REMOTE_UNREACHABLE', command: 'CALL_OUTCOME_UNKNOWN' }
  for (const kind of ['query', 'command'] as const) {
    const { carrier, clock, send } = createRouterFixture(['a', 'b'])
    const call = send({ kind })
    for (let attempt = 0; attempt < 3; attempt++) {
      carrier.links.find(({ inFlight }) => inFlight === 1)?.lose(true)
      await clock.advance(100)
    }
    assert.equal(call.outcome, codes[kind])
    assert.equal(carrier.to('a').taken + carrier.to('b').taken, 3)
  }
})

test('a command that never left is unreachable, not unknown', async () => {
  const { carrier, clock, send } = createRouterFixture(['a', 'b'])
  const call = send({ kind: 'command' })
  for (let attempt = 0; attempt < 3; attempt++) {
    carrier.links.find(({ inFlight }) => inFlight === 1)?.lose(false)
    await clock.advance(100)
  }
  assert.equal(call.outcome, 'REMOTE_UNREACHABLE')
  assert.deepEqual(call.error?.details, {
    ...{ operation: 'stock.act', service: 'edge', attempts: 3, cause: 'reset' },
  })
})

test('with one attempt nothing is sent twice', () => {
  const { carrier, send } = createRouterFixture(['a', 'b'], { retry: { attemptsMax: 1 } })
  const call = send()
  carrier.links.find(({ inFlight }) => inFlight === 1)?.lose(true)
  assert.equal(call.outcome, 'REMOTE_UNREACHABLE')
})

test('nothing is sent again when the pause would outlast the deadline', () => {
  const { carrier, send } = createRouterFixture(['a', 'b'], {
    retry: { baseMs: 1_000, maxMs: 1_000 },
    seed: 3,
  })
  const call = send({ timeoutMs: 1 })
  carrier.links.find(({ inFlight }) => inFlight === 1)?.lose(true)
  assert.equal(call.outcome, 'REMOTE_UNREACHABLE')
})

for (const code of ['CALL_OVERLOADED', 'REMOTE_DRAINING', 'REMOTE_CONNECTION_FULL']) {
  test(`a call that the callee did not take goes to another one (${code})`, async () => {
    const { carrier, clock, send } = createRouterFixture(['a', 'b'])
    const call = send({ kind: 'command' })
    const [from, to] = carrier.to('a').inFlight === 1 ? ['a', 'b'] : ['b', 'a']
    carrier.to(from).fail(refusal(code))
    await clock.advance(20)
    carrier.to(to).answer()
    assert.equal(call.outcome, 'answered 1')
  })
}

test('words about draining that come from beyond an instance do not put it out of use', async () => {
  const { carrier, clock, router, send } = createRouterFixture(['a', 'b'])
  const call = send()
  for (let attempt = 0; attempt < 3; attempt++) {
    carrier.links.find(({ inFlight }) => inFlight === 1)?.fail(refusal('REMOTE_DRAINING'))
    await clock.advance(100)
  }
  assert.deepEqual(
    router.states().map(({ link }) => link),
    ['open', 'open'],
  )
  // in other words, so that who called us does not take it for our own refusal
  assert.equal(call.outcome, 'REMOTE_UNREACHABLE')
  assert.match(call.error?.message ?? '', /refused with REMOTE_DRAINING/)
})

test('a declared failure of any kind is the answer, also after a loss', async () => {
  const { carrier, clock, send } = createRouterFixture(['a', 'b'])
  const call = send({ kind: 'command' })
  const busy = () => carrier.links.find(({ inFlight }) => inFlight === 1)
  busy()?.lose(true)
  await clock.advance(20)
  busy()?.fail('{"code":"STOCK_CLOSED","kind":"unavailable","isDeclared":true,"message":""}')
  assert.match(call.outcome, /^failed .*STOCK_CLOSED/)
})

test('an overloaded instance that is alone is not asked again', async () => {
  const { carrier, clock, send } = createRouterFixture(['a'])
  const call = send()
  carrier.to('a').fail(refusal('CALL_OVERLOADED'))
  assert.match(call.outcome, /^failed .*CALL_OVERLOADED/)
  await clock.advance(1_000)
  assert.equal(carrier.to('a').taken, 1)
})

test('a keyless command that was refused is not sent again: the refusal may come from beyond', () => {
  const { carrier, send } = createRouterFixture(['a', 'b'])
  const call = send({ kind: 'keyless' })
  carrier.links.find(({ inFlight }) => inFlight === 1)?.fail(refusal('CALL_OVERLOADED'))
  assert.match(call.outcome, /^failed .*CALL_OVERLOADED/)
})

test('a refusal does not hide that an earlier attempt may have happened', async () => {
  for (const code of ['CALL_OVERLOADED', 'DATA_POOL_EXHAUSTED']) {
    const { carrier, clock, send } = createRouterFixture(['a', 'b'], { retry: { attemptsMax: 2 } })
    const call = send({ kind: 'command' })
    const busy = () => carrier.links.find(({ inFlight }) => inFlight === 1)
    busy()?.lose(true)
    await clock.advance(20)
    busy()?.fail(refusal(code))
    assert.equal(call.outcome, 'CALL_OUTCOME_UNKNOWN', code)
  }
})

test('a declared failure of the second attempt is the answer', async () => {
  const { carrier, clock, send } = createRouterFixture(['a', 'b'])
  const call = send({ kind: 'command' })
  const busy = () => carrier.links.find(({ inFlight }) => inFlight === 1)
  busy()?.lose(true)
  await clock.advance(20)
  busy()?.fail(refusal('STOCK_SOLD_OUT', 'conflict'))
  assert.match(call.outcome, /^failed .*STOCK_SOLD_OUT/)
})

test('a call that settled before the road could act is left alone', () => {
  const { carrier, clock, router } = createRouterFixture(['a'])
  const options: FakeCallOptions = { kind: 'query' }
  const call = new FakeCall(clock, options)
  router.send(call)
  call.answered('elsewhere')
  carrier.to('a').lose(true)
  assert.equal(call.ends, 1)
})

test('a command that was sent once may have happened, though it was not sent the second time', async () => {
  const { carrier, clock, send } = createRouterFixture(['a', 'b'], { retry: { attemptsMax: 2 } })
  const call = send({ kind: 'command' })
  for (const isSent of [true, false]) {
    carrier.links.find(({ inFlight }) => inFlight === 1)?.lose(isSent)
    await clock.advance(20)
  }
  assert.equal(call.outcome, 'CALL_OUTCOME_UNKNOWN')
})

test('the next attempt goes to another instance, even a busier one', async () => {
  const { carrier, clock, send } = createRouterFixture(['a', 'b'])
  for (let count = 0; count < 6; count++) send()
  for (let count = 0; count < 2; count++) carrier.to('a').answer()
  const call = carrier.to('a').calls[0]
  carrier.to('a').lose(true)
  await clock.advance(20)
  assert.ok(call !== undefined && carrier.to('b').calls.includes(call))
})
