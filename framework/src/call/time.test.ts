import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anonymous, Context, defineError } from '../kernel/index.ts'
import { createExternalCaller, type Runner } from './index.ts'
import { createFixture, type Fixture, front, store } from './calls.fixture.ts'

function underBoth(title: string, body: (runner: Runner) => Promise<void>): void {
  for (const runner of ['inline', 'wire'] as const) test(`${title} (${runner})`, () => body(runner))
}

/** What an edge cancels with; its own code, a room above has the real ones. */
const gaveUp = defineError<{ operation: string }>('TEST_CALLER_GONE', 'cancelled', {
  message: ({ operation }) => `the caller of ${operation} gave up`,
  fix: '',
})

const never = (): Promise<never> => new Promise(() => {})

underBoth('a query that overruns had no effect: CALL_DEADLINE_EXCEEDED', async (runner) => {
  const { calls, settle } = createFixture({ runner, handlers: { read: never } })
  await assert.rejects(settle(createExternalCaller(calls).of(store).read({})), {
    code: 'CALL_DEADLINE_EXCEEDED',
    kind: 'unavailable',
    details: { operation: 'store.read', timeoutMs: 200 },
  })
})

underBoth('a command that overruns may have happened: CALL_OUTCOME_UNKNOWN', async (runner) => {
  const { calls, settle } = createFixture({ runner, handlers: { act: never } })
  await assert.rejects(settle(createExternalCaller(calls).of(store).act({})), {
    code: 'CALL_OUTCOME_UNKNOWN',
    kind: 'unknown_outcome',
    details: { operation: 'store.act', timeoutMs: 200 },
  })
})

test('a caller waits for its timeout and 8 ms, not longer', async () => {
  const { calls, clock } = createFixture({ handlers: { read: never } })
  let outcome = ''
  const call = createExternalCaller(calls).of(store).read({})
  call.catch((error: { code: string }) => {
    outcome = error.code
  })
  await clock.advance(199)
  assert.equal(outcome, '')
  await clock.advance(9)
  assert.equal(outcome, 'CALL_DEADLINE_EXCEEDED')
})

underBoth('a call may lower its timeout and cannot raise it', async (runner) => {
  const remaining: number[] = []
  const { calls } = createFixture({
    runner,
    handlers: {
      read(_input, ctx) {
        remaining.push(ctx.remainingMs)
        return {}
      },
    },
  })
  const caller = createExternalCaller(calls).of(store)
  await caller.read({}, { timeoutMs: 50 })
  await caller.read({}, { timeoutMs: 5_000 })
  assert.deepEqual(new Set(remaining), new Set([50, 200]))
  assert.deepEqual(remaining.toSorted((a, b) => a - b)[0], 50)
})

underBoth('a nested call never has more time than its caller', async (runner) => {
  const remaining: number[] = []
  const { calls, clock } = createFixture({
    runner,
    handlers: {
      read(_input, ctx) {
        remaining.push(ctx.remainingMs)
        return {}
      },
      frontBrief: (_input, ctx) => ctx.call.store.read({}, { timeoutMs: 150 }),
      async frontRead(_input, ctx) {
        await clock.advance(900)
        return ctx.call.store.read({})
      },
    },
  })
  const caller = createExternalCaller(calls).of(front)
  await caller.brief({})
  assert.deepEqual(new Set(remaining), new Set([50]))
  if (runner === 'wire') return
  remaining.length = 0
  await caller.read({})
  assert.deepEqual(remaining, [100])
})

test('a command that is cut off by its caller’s deadline tells its caller so', async () => {
  const codes: string[] = []
  const { calls, settle } = createFixture({
    handlers: {
      act: never,
      async frontAct(_input, ctx) {
        try {
          return await ctx.call.store.act({})
        } catch (error) {
          codes.push((error as { code: string }).code)
          throw error
        }
      },
    },
  })
  await assert.rejects(settle(createExternalCaller(calls).of(front).act({}, { timeoutMs: 50 })), {
    code: 'CALL_OUTCOME_UNKNOWN',
  })
  assert.deepEqual(codes, ['CALL_OUTCOME_UNKNOWN'])
})

/** A context as an edge makes it: it can be cancelled. */
function rootContext({ calls, world, telemetry }: Fixture): Context {
  const context = new Context({
    ...{ world, deadlines: calls.deadlines, deadlineMs: 10_000, principal: anonymous },
    ...{ trace: telemetry.tracer.start(1, 1, undefined), idempotencyKey: undefined },
    ...{ criticality: 'default', token: undefined },
  })
  context.enter(undefined, () => {})
  return context
}

test('a caller who gives up reaches the signal of the callee, through two levels', async () => {
  const reasons: unknown[] = []
  const fixture = createFixture({
    handlers: {
      read(_input, ctx) {
        ctx.signal.addEventListener('abort', () => void reasons.push(ctx.signal.reason))
        return never()
      },
      frontRead: (_input, ctx) => ctx.call.store.read({}),
    },
  })
  const root = rootContext(fixture)
  const call = fixture.calls.operations.get('front.read')?.invoke({}, root)
  assert.ok(call !== undefined)
  const reason = gaveUp({ operation: 'front.read' })
  const rejected = assert.rejects(call, { code: 'TEST_CALLER_GONE', kind: 'cancelled' })
  root.cancel(reason)
  await rejected
  assert.deepEqual(reasons, [reason])
  assert.equal(fixture.calls.inFlight(), 0)
})

test('an operation whose caller has already given up does not start', async () => {
  const fixture = createFixture({ handlers: { read: () => assert.fail('it ran') } })
  const root = rootContext(fixture)
  root.cancel(gaveUp({ operation: 'x' }))
  const call = fixture.calls.operations.get('store.read')?.invoke({}, root)
  await assert.rejects(call ?? Promise.resolve(), { code: 'TEST_CALLER_GONE' })
})

test('an operation without time left does not start', async () => {
  const fixture = createFixture({ handlers: { act: () => assert.fail('it ran') } })
  const root = rootContext(fixture)
  await fixture.clock.advance(10_000)
  const call = fixture.calls.operations.get('store.act')?.invoke({}, root)
  await assert.rejects(call ?? Promise.resolve(), { code: 'CALL_OUTCOME_UNKNOWN' })
})

test('an answer that comes after the deadline is nobody’s', async () => {
  let answer: (value: { value: string }) => void = () => {}
  const { calls, settle, telemetry } = createFixture({
    handlers: { read: () => new Promise((resolve) => void (answer = resolve)) },
  })
  await assert.rejects(settle(createExternalCaller(calls).of(store).read({})))
  answer({ value: 'late' })
  await new Promise((resolve) => void setImmediate(resolve))
  const text = telemetry.metrics.text()
  assert.ok(text.includes('operation="read",code="ok"} 0\n'))
  assert.equal(telemetry.tracer.read(0).filter(({ name }) => name === 'store.read').length, 1)
})
