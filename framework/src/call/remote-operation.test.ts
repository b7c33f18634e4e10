import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anonymous, BanyanError, type Principal } from '../kernel/index.ts'
import { createFixture, type FrontCommand, type FrontQuery, store } from './calls.fixture.ts'
import {
  createExternalCaller,
  createReceiver,
  type IncomingCall,
  type OutgoingCall,
  type ReplySink,
} from './index.ts'
import { RemoteOperation } from './remote-operation.ts'

test('a caller who gives up reaches the signal of a callee in another instance', async () => {
  const reasons: string[] = []
  const fixture = createFixture({
    runner: 'split',
    handlers: {
      frontBrief: (input, ctx: FrontQuery) => ctx.call.store.read(input),
      read: (input, ctx) =>
        new Promise((resolve) => {
          ctx.signal.addEventListener('abort', () => {
            reasons.push((ctx.signal.reason as BanyanError).code)
            resolve(input)
          })
        }),
    },
  })
  const call = createExternalCaller(fixture.calls).call('front.brief', {})
  await assert.rejects(fixture.settle(call), { code: 'CALL_DEADLINE_EXCEEDED' })
  await fixture.clock.advance(20)
  assert.equal(reasons.length, 1)
})

test('a command in another instance that overruns may have happened; a query did not', async () => {
  const never = new Promise<never>(() => {})
  const fixture = createFixture({
    runner: 'split',
    handlers: { read: () => never, act: () => never },
  })
  const caller = createExternalCaller(fixture.calls).of(store)
  await assert.rejects(fixture.settle(caller.act({})), { code: 'CALL_OUTCOME_UNKNOWN' })
  await assert.rejects(fixture.settle(caller.read({})), { code: 'CALL_DEADLINE_EXCEEDED' })
})

test('a command leaves with a key, its own or a new one; a query with none', async () => {
  const sent: (string | undefined)[] = []
  const fixture = createFixture({
    runner: 'split',
    handlers: {
      frontAct: (input, ctx: FrontCommand) => ctx.call.store.act(input),
      act: (input, ctx) => {
        sent.push(ctx.idempotencyKey)
        return input
      },
      read: (input, ctx) => {
        sent.push(Reflect.get(ctx, 'idempotencyKey') as string | undefined)
        return input
      },
    },
  })
  const caller = createExternalCaller(fixture.calls)
  await caller.of(store).act({}, { idempotencyKey: 'a key that nobody guesses' })
  await caller.of(store).act({})
  await caller.of(store).read({})
  const [own, made, none] = sent
  assert.equal(own, 'a key that nobody guesses')
  assert.match(made ?? '', /^[0-9a-f-]{36}$/)
  assert.equal(none, undefined)
})

test('what arrives is refused with the code of what is wrong with it', async () => {
  const { calls } = createFixture({
    inFlightMax: 1,
    handlers: { silent: () => new Promise(() => {}) },
  })
  const receiver = createReceiver(calls)
  const codeOf = (change: Partial<IncomingCall>): Promise<string> =>
    new Promise((resolve) => {
      const sink: ReplySink = {
        answered: () => resolve('answered'),
        failed: (error) => resolve((JSON.parse(error) as { code: string }).code),
      }
      receiver.receive({ ...arrived, ...change }, sink)
    })
  assert.equal(await codeOf({}), 'answered')
  assert.equal(await codeOf({ operation: 'store.nothing' }), 'CALL_NOT_HOSTED')
  assert.equal(await codeOf({ input: '{' }), 'CALL_INPUT_INVALID')
  assert.equal(
    await codeOf({ operation: 'store.strict', input: '{"count":0}' }),
    'CALL_INPUT_INVALID',
  )
  assert.equal(await codeOf({ timeoutMs: 0 }), 'CALL_DEADLINE_EXCEEDED')
  const fromOutside = { callerModule: undefined, operation: 'front.members' }
  assert.equal(await codeOf({ ...fromOutside, isAuthorized: false }), 'CALL_UNAUTHENTICATED')
  assert.equal(await codeOf(fromOutside), 'answered')
  void codeOf({ operation: 'store.silent' })
  assert.equal(await codeOf({}), 'CALL_OVERLOADED')
})

test('a declared failure is marked as one on the road, any other error is not', async () => {
  const handlers = {
    read: (): never => {
      throw store.failures.soldOut({ sku: 'A1', left: 3n, at: new Date(5) })
    },
    silent: (): never => {
      throw new Error('no')
    },
  }
  const receiver = createReceiver(createFixture({ handlers }).calls)
  const errorOf = (operation: string): Promise<Record<string, unknown>> =>
    new Promise((resolve) => {
      const take = (text: string): void => resolve(JSON.parse(text) as Record<string, unknown>)
      receiver.receive({ ...arrived, operation }, { answered: take, failed: take })
    })
  const declared = await errorOf('store.read')
  assert.deepEqual([declared['code'], declared['isDeclared']], ['STORE_SOLD_OUT', true])
  const bug = await errorOf('store.silent')
  assert.deepEqual([bug['code'], bug['isDeclared']], ['KERNEL_BUG', undefined])
})

test('an operation that runs elsewhere is not run for others', async () => {
  const { calls } = createFixture({ runner: 'split' })
  assert.ok(calls.operations.get('store.read') instanceof RemoteOperation)
  const failed = await new Promise<string>((resolve) => {
    createReceiver(calls).receive(arrived, { answered: resolve, failed: resolve })
  })
  assert.match(failed, /CALL_NOT_HOSTED/)
})

test('a caller that goes while its call is at work cancels it with a reason', async () => {
  let reason: unknown
  const { calls, clock } = createFixture({
    handlers: {
      read: (input, ctx) =>
        new Promise((resolve) => {
          ctx.signal.addEventListener('abort', () => {
            reason = ctx.signal.reason
            resolve(input)
          })
        }),
    },
  })
  const ended = Promise.withResolvers<string>()
  const received = createReceiver(calls).receive(arrived, {
    answered: ended.resolve,
    failed: ended.resolve,
  })
  await clock.advance(10)
  received.cancel()
  assert.match(await ended.promise, /CALL_CALLER_GONE/)
  assert.ok(reason instanceof BanyanError && reason.code === 'CALL_CALLER_GONE')
})

test('an answer that breaks the contract is told, and a late one is nobody’s', async () => {
  const fixture = createFixture({ runner: 'split' })
  const operation = fixture.calls.operations.get('store.strict')
  assert.ok(operation instanceof RemoteOperation)
  const sent: OutgoingCall[] = []
  const tampered = new RemoteOperation(store, 'strict', {
    sender: { send: (call) => void sent.push(call), cancel: () => {} },
    environment: {
      ...{ world: fixture.world, telemetry: fixture.telemetry, failures: fixture.calls.failures },
      inFlight: { count: 0, max: 10 },
    },
  })
  const { world, calls } = fixture
  const call = createExternalCaller({
    ...calls,
    operations: new Map([[tampered.id, tampered]]),
    world,
  })
    .of(store)
    .strict({ count: 1 })
  await clockTurn()
  sent[0]?.answered('{"count":10}')
  sent[0]?.answered('{"count":1}')
  await assert.rejects(call, { code: 'CALL_OUTPUT_INVALID', kind: 'bug' })
})

const customer: Principal = anonymous
const arrived: IncomingCall = {
  operation: 'store.read',
  callerModule: 'front',
  isAuthorized: true,
  input: '{}',
  timeoutMs: 1_000,
  principal: customer,
  trace: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), isSampled: true },
  idempotencyKey: undefined,
  criticality: 'default',
  token: undefined,
}

async function clockTurn(): Promise<void> {
  await new Promise<void>((resolve) => void setImmediate(resolve))
}
