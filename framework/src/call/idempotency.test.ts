import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFixture, type Fixture, front, store } from './calls.fixture.ts'
import { createExternalCaller, type Runner } from './index.ts'

const principal = { subject: 'c1', roles: [] }

/** `front.act` does `store.act` twice; the store counts what it really did. */
function createCounting(runner: Runner = 'inline'): Fixture & { effects: () => number } {
  let effects = 0
  const fixture = createFixture({
    runner,
    handlers: {
      act: (_input, ctx) =>
        ctx.transaction(async () => {
          effects++
          return { value: effects }
        }),
      async frontAct(_input, ctx) {
        const first = await ctx.call.store.act({ value: 'first' })
        const second = await ctx.call.store.act({ value: 'second' })
        return { value: [first.value, second.value] }
      },
    },
  })
  return { ...fixture, effects: () => effects }
}

test('a command repeated under its key repeats its nested calls under the keys they had', async () => {
  const { calls, storage, effects } = createCounting()
  const caller = createExternalCaller(calls, { principal }).of(front)
  const first = await caller.act({}, { idempotencyKey: 'k1' })
  const again = await caller.act({}, { idempotencyKey: 'k1' })
  assert.deepEqual(again, first)
  assert.equal(effects(), 2)
  const keys = storage.claims.map(({ key }) => key)
  assert.equal(keys.length, 4)
  assert.deepEqual(keys.slice(2), keys.slice(0, 2))
  assert.notEqual(keys[0], keys[1])
})

test('another key, another caller and another operation give other nested keys', async () => {
  const { calls, storage } = createCounting()
  for (const subject of ['c1', 'c2']) {
    const caller = createExternalCaller(calls, { principal: { subject, roles: [] } }).of(front)
    await caller.act({}, { idempotencyKey: 'k1' })
    await caller.act({}, { idempotencyKey: 'k2' })
  }
  assert.equal(new Set(storage.claims.map(({ key }) => key)).size, 8)
})

test('without a key nothing is claimed, and nested commands get none', async () => {
  const { calls, storage, effects } = createCounting()
  const caller = createExternalCaller(calls, { principal }).of(front)
  await caller.act({})
  await caller.act({})
  assert.deepEqual(storage.claims, [])
  assert.equal(effects(), 4)
})

test('a key given to a nested call is used as it is', async () => {
  const { calls, storage } = createFixture({
    handlers: {
      act: (input, ctx) => ctx.transaction(async () => input),
      frontAct: (_input, ctx) => ctx.call.store.act({}, { idempotencyKey: 'mine' }),
    },
  })
  await createExternalCaller(calls, { principal }).of(front).act({}, { idempotencyKey: 'k1' })
  assert.equal(storage.claims[0]?.key, 'mine')
})

const unguessable = '5f0c1e7a-6f0e-4a57-9d8e-2b1c6a4f9e10'

test('a claim says who, what, which transaction of it, and with which input', async () => {
  const { calls, storage } = createFixture({
    handlers: {
      async act(input, ctx) {
        await ctx.transaction(async () => 1)
        await ctx.transaction(async () => 2)
        return input
      },
      frontAct: (_input, ctx) => ctx.call.store.act({}),
    },
  })
  const direct = createExternalCaller(calls, { principal })
  await direct.of(store).act({ value: 'a' }, { idempotencyKey: 'k1' })
  await direct.of(store).act({ value: 'b' }, { idempotencyKey: 'k2' })
  await createExternalCaller(calls).of(store).act({ value: 'a' }, { idempotencyKey: unguessable })
  await direct.of(front).act({}, { idempotencyKey: 'k1' })
  const claims = storage.claims.map(({ scope, operation, key, step }) => [
    scope,
    operation,
    key,
    step,
  ])
  assert.deepEqual(claims.slice(0, 6), [
    ['principal:c1', 'store.act', 'k1', 0],
    ['principal:c1', 'store.act', 'k1', 1],
    ['principal:c1', 'store.act', 'k2', 0],
    ['principal:c1', 'store.act', 'k2', 1],
    ['anonymous', 'store.act', unguessable, 0],
    ['anonymous', 'store.act', unguessable, 1],
  ])
  assert.equal(claims[6]?.[0], 'module:front')
  const [a, same, b] = storage.claims.map(({ fingerprint }) =>
    Buffer.from(fingerprint).toString('hex'),
  )
  assert.equal(a?.length, 64)
  assert.equal(a, same)
  assert.notEqual(a, b)
  assert.equal(Buffer.from(storage.claims[4]?.fingerprint ?? []).toString('hex'), a)
})

test('the wire runner repeats and doubles every command, and each effect still happens once', async () => {
  const { calls, effects } = createCounting('wire')
  const caller = createExternalCaller(calls, { principal }).of(front)
  assert.deepEqual(await caller.act({}), { value: [1, 2] })
  assert.equal(effects(), 2)
  await caller.act({})
  assert.equal(effects(), 4)
})

test('the wire runner finds a command whose effect is outside its transaction', async () => {
  let effects = 0
  const { calls } = createFixture({
    runner: 'wire',
    handlers: { act: () => ({ value: ++effects }) },
  })
  await createExternalCaller(calls).of(store).act({})
  assert.equal(effects, 3)
})

test('a transaction that is not recorded runs again, and leaves the numbers of the others alone', async () => {
  const ran: string[] = []
  const { calls, storage } = createFixture({
    handlers: {
      async act(input, ctx) {
        await ctx.transaction(async () => ran.push('now'), { recorded: false })
        await ctx.transaction(async () => ran.push('once'))
        return input
      },
    },
  })
  const caller = createExternalCaller(calls, { principal }).of(store)
  await caller.act({ value: 'a' }, { idempotencyKey: 'k1' })
  await caller.act({ value: 'a' }, { idempotencyKey: 'k1' })
  assert.deepEqual(ran, ['now', 'once', 'now'])
  assert.deepEqual(
    storage.claims.map(({ step }) => step),
    [0, 0],
  )
})
