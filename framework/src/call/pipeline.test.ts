import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Principal } from '../kernel/index.ts'
import { spanKind } from '../telemetry/index.ts'
import {
  createFixture,
  type FixtureRunner,
  front,
  type FrontQuery,
  store,
  type Values,
} from './calls.fixture.ts'
import { createExternalCaller } from './index.ts'

/** Runs one body under every runner: a call means the same in one process, as text, and in another. */
function underAll(title: string, body: (runner: FixtureRunner) => Promise<void>): void {
  for (const runner of ['inline', 'wire', 'split'] as const)
    test(`${title} (${runner})`, () => body(runner))
}

const values: Values = {
  text: 'Straße "1"',
  big: -(2n ** 80n),
  at: new Date('2026-01-02T03:04:05.678Z'),
  map: new Map([['a', 1n]]),
  set: new Set(['x', 'y']),
  bytes: new Uint8Array([0, 255, 7]),
  lines: [{ sku: 'A1', count: 2 }],
}

underAll('every kind of value arrives equal, through two modules and back', async (runner) => {
  const { calls } = createFixture({ runner })
  const caller = createExternalCaller(calls).of(front)
  assert.deepEqual(await caller.echo(values), values)
})

underAll(
  'a callee cannot change what its caller holds, nor the caller what the callee got',
  async (runner) => {
    const received: Values[] = []
    const { calls } = createFixture({
      runner,
      handlers: {
        echo(input) {
          received.push(input)
          input.lines.push({ sku: 'smuggled', count: 1 })
          input.map.set('smuggled', 2n)
          input.bytes[0] = 99
          input.at.setTime(0)
          return input
        },
        async frontEcho(input, ctx) {
          const answer = await ctx.call.store.echo(input)
          assert.deepEqual(input, values)
          answer.lines.push({ sku: 'later', count: 1 })
          answer.set.add('later')
          return input
        },
      },
    })
    const mine = structuredClone(values)
    assert.deepEqual(await createExternalCaller(calls).of(front).echo(mine), values)
    assert.deepEqual(mine, values)
    assert.ok(received.length > 0)
    for (const one of received)
      assert.equal(
        one.lines.some(({ sku }) => sku === 'later'),
        false,
      )
  },
)

underAll('defaults are filled in and unknown keys are dropped, both ways', async (runner) => {
  const seen: unknown[] = []
  const { calls } = createFixture({
    runner,
    handlers: {
      echo(input) {
        seen.push(input)
        return { ...input, lines: [{ sku: 'B' } as { sku: string; count: number }], secret: 'x' }
      },
    },
  })
  const input = { ...values, lines: [{ sku: 'A' }], unknown: true }
  const answer = await createExternalCaller(calls).of(store).echo(input)
  assert.deepEqual(seen[0], { ...values, lines: [{ sku: 'A', count: 1 }] })
  assert.deepEqual(answer, { ...values, lines: [{ sku: 'B', count: 1 }] })
})

underAll(
  'an input that its schema refuses never reaches the handler, and names the places',
  async (runner) => {
    const { calls } = createFixture({
      runner,
      handlers: { strict: () => assert.fail('the handler ran') },
    })
    const call = createExternalCaller(calls).call('store.strict', { count: 0 })
    await assert.rejects(call, (error: Record<string, unknown>) => {
      assert.equal(error['code'], 'CALL_INPUT_INVALID')
      assert.equal(error['kind'], 'invalid')
      const { issues } = error['details'] as { issues: { path: string; code: string }[] }
      assert.deepEqual(
        issues.map(({ path, code }) => [path, code]),
        [['count', 'too_small']],
      )
      return true
    })
  },
)

underAll('an input of a nested call is checked too, and the error is catchable', async (runner) => {
  const { calls } = createFixture({
    runner,
    handlers: {
      async frontRead(_input, ctx) {
        const caught = await ctx.call.store.strict({ count: -1 }).catch((error: unknown) => error)
        return { value: (caught as { code: string }).code }
      },
    },
  })
  const answer = await createExternalCaller(calls).of(front).read({})
  assert.deepEqual(answer, { value: 'CALL_INPUT_INVALID' })
})

underAll(
  'an input that a nested call refuses is a bug of the handler, not of its caller',
  async (runner) => {
    const { calls, logged } = createFixture({
      runner,
      handlers: {
        frontRead: async (_input, ctx) => ({ value: await ctx.call.store.strict({ count: -1 }) }),
      },
    })
    await assert.rejects(createExternalCaller(calls).of(front).read({}), {
      code: 'CALL_NESTED_REFUSED',
      kind: 'bug',
      message: 'an internal error',
    })
    const [line] = (await logged()).filter(({ code }) => code === 'CALL_NESTED_REFUSED')
    assert.match(String(line?.['msg']), /store\.strict is not valid: count/)
  },
)

underAll(
  'an answer that its schema refuses is a bug of the handler: hidden, but logged',
  async (runner) => {
    const { calls, logged } = createFixture({ runner, handlers: { strict: () => ({ count: 10 }) } })
    await assert.rejects(createExternalCaller(calls).of(store).strict({ count: 1 }), {
      code: 'CALL_OUTPUT_INVALID',
      kind: 'bug',
      message: 'an internal error',
      details: {},
    })
    const line = (await logged()).find(({ code }) => code === 'CALL_OUTPUT_INVALID')
    assert.match(String(line?.['msg']), /count/)
  },
)

const soldOut = { sku: 'A1', left: 3n, at: new Date(5) }

underAll('a declared failure arrives as itself, its details revived', async (runner) => {
  const { calls } = createFixture({
    runner,
    handlers: {
      read() {
        throw store.failures.soldOut(soldOut)
      },
      async frontRead(_input, ctx) {
        try {
          await ctx.call.store.read({})
        } catch (error) {
          assert.ok(store.failures.soldOut.is(error))
          assert.deepEqual(error.details, soldOut)
          assert.notEqual(error.details, soldOut)
          return { value: `${error.code} ${error.kind} ${error.message}` }
        }
        return {}
      },
    },
  })
  const answer = await createExternalCaller(calls).of(front).read({})
  assert.deepEqual(answer, { value: 'STORE_SOLD_OUT conflict A1 is sold out' })
})

underAll(
  'a failure that the operation does not declare is a bug of its handler',
  async (runner) => {
    const { calls, logged } = createFixture({
      runner,
      handlers: {
        silent() {
          throw store.failures.soldOut(soldOut)
        },
      },
    })
    await assert.rejects(createExternalCaller(calls).of(store).silent({}), {
      code: 'CALL_FAILURE_UNDECLARED',
      kind: 'bug',
      details: {},
    })
    assert.ok((await logged()).some(({ msg }) => /STORE_SOLD_OUT/.test(String(msg))))
  },
)

underAll(
  'a failure of a callee that nobody catches is not the caller’s to declare',
  async (runner) => {
    const { calls } = createFixture({
      runner,
      handlers: {
        read() {
          throw store.failures.soldOut(soldOut)
        },
        frontRead: (_input, ctx) => ctx.call.store.read({}),
      },
    })
    await assert.rejects(createExternalCaller(calls).of(front).read({}), {
      code: 'CALL_FAILURE_UNDECLARED',
    })
  },
)

underAll('a failure whose details break its schema is a bug of its handler', async (runner) => {
  const { calls } = createFixture({
    runner,
    handlers: {
      read() {
        throw store.failures.soldOut({ ...soldOut, left: JSON.parse('"three"') as bigint })
      },
    },
  })
  await assert.rejects(createExternalCaller(calls).of(store).read({}), {
    code: 'CALL_FAILURE_INVALID',
    kind: 'bug',
  })
})

underAll(
  'a bug keeps its code and loses the rest on the way out; the log has all of it',
  async (runner) => {
    const { calls, logged } = createFixture({
      runner,
      handlers: {
        read() {
          throw new TypeError('password=hunter2 is not a function')
        },
      },
    })
    await assert.rejects(createExternalCaller(calls).of(store).read({}), (error: Error) => {
      assert.equal((error as Error & { code: string }).code, 'KERNEL_BUG')
      assert.equal(error.message, 'an internal error')
      assert.equal(error.cause, undefined)
      assert.equal(JSON.stringify(error).includes('hunter2'), false)
      return true
    })
    const line = (await logged()).find(({ code }) => code === 'KERNEL_BUG')
    assert.match(JSON.stringify(line?.['err']), /hunter2/)
    assert.equal(line?.['operation'], 'store.read')
    assert.match(String(line?.['traceId']), /^[0-9a-f]{32}$/)
  },
)

underAll('whatever a handler throws or answers, its caller is told', async (runner) => {
  const throwing = {
    get value(): unknown {
      throw new Error('no')
    },
  }
  const outcomes: (() => never | { value?: unknown })[] = [
    () => {
      throw Object.create(null)
    },
    () => throwing,
    () => undefined as never,
  ]
  for (const outcome of outcomes) {
    for (const read of [outcome, async () => outcome()]) {
      const { calls } = createFixture({ runner, handlers: { read } })
      await assert.rejects(createExternalCaller(calls).of(store).read({}), { kind: 'bug' })
    }
  }
})

const customer: Principal = { subject: 'c1', roles: ['member'] }

underAll(
  'the caller travels along, and internal calls are not asked for access',
  async (runner) => {
    const seen: Principal[] = []
    const { calls } = createFixture({
      runner,
      handlers: {
        read(input, ctx) {
          seen.push(ctx.principal)
          return input
        },
        frontRead: (_input, ctx) => ctx.call.store.read({}),
      },
    })
    await createExternalCaller(calls, { principal: customer }).of(front).read({})
    assert.ok(seen.length > 0)
    for (const principal of seen) assert.deepEqual(principal, customer)
  },
)

underAll('calls of a module that is not declared as used are refused by name', async (runner) => {
  const { calls, logged } = createFixture({
    runner,
    handlers: {
      async frontRead(_input, ctx: FrontQuery & { call: { stranger?: unknown } }) {
        return { value: ctx.call.stranger }
      },
    },
  })
  await assert.rejects(createExternalCaller(calls).of(front).read({}), {
    code: 'MODULE_USE_UNDECLARED',
  })
  assert.ok((await logged()).some(({ msg }) => /front called "stranger"/.test(String(msg))))
})

underAll(
  'spans of nested calls hang together in one trace, errors on the span that failed',
  async (runner) => {
    const { calls, telemetry } = createFixture({
      runner,
      handlers: {
        read() {
          throw store.failures.soldOut(soldOut)
        },
        async frontRead(_input, ctx) {
          await ctx.call.store.read({}).catch(() => {})
          return {}
        },
      },
    })
    const trace = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), isSampled: true }
    await createExternalCaller(calls, { trace }).of(front).read({})
    const spans = telemetry.tracer.read(0)
    const root = spans.find(({ name }) => name === 'front.read')
    assert.equal(root?.parentSpanId, trace.spanId)
    assert.equal(root?.errorCode, '')
    const children = spans.filter(({ name }) => name === 'store.read')
    // a call that leaves the instance has a client span of its own above the callee's
    const above = spans.filter(
      ({ name, kind }) => name === 'front.read' || kind === spanKind.client,
    )
    const roots = above.map(({ spanId }) => spanId)
    assert.equal(
      children.filter(({ kind }) => kind === spanKind.client).length,
      runner === 'split' ? 1 : 0,
    )
    assert.ok(children.length > 0)
    for (const child of children) {
      assert.equal(child.traceId, trace.traceId)
      assert.ok(roots.includes(child.parentSpanId))
      assert.equal(child.errorCode, 'STORE_SOLD_OUT')
    }
  },
)

underAll('calls are counted by operation and outcome', async (runner) => {
  const { calls, telemetry } = createFixture({
    runner,
    handlers: {
      strict({ count }) {
        if (count === 2) throw new Error('x')
        return { count }
      },
    },
  })
  const caller = createExternalCaller(calls).of(store)
  await caller.strict({ count: 1 })
  await assert.rejects(caller.strict({ count: 2 }))
  const text = telemetry.metrics.text()
  const times = runner === 'wire' ? 3 : 1
  const line = (code: string) =>
    `banyan_calls_total{module="store",operation="strict",code="${code}"} ${times}\n`
  assert.ok(text.includes(line('ok')))
  assert.ok(text.includes(line('KERNEL_BUG')))
  const seconds = 'banyan_call_duration_seconds_count{module="store",operation="strict"}'
  assert.ok(text.includes(`${seconds} ${times * 2}\n`))
})
