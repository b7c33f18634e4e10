import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anonymous, type Principal, system } from '../kernel/index.ts'
import type { MailSender } from '../module/index.ts'
import { createFixture, type FixtureOptions, front, store } from './calls.fixture.ts'
import type { SendMail } from './handler-context.ts'
import { createExternalCaller, runModuleWork } from './index.ts'

const principals = {
  anonymous,
  nobody: { subject: 'n', roles: [] },
  member: { subject: 'm', roles: ['other', 'member'] },
  clerk: { subject: 'k', roles: ['clerk'] },
  stranger: { subject: 's', roles: ['other'] },
} as const satisfies Record<string, Principal>

type Name = keyof typeof principals
const matrix: Readonly<Record<'read' | 'signedIn' | 'members' | 'inside', Record<Name, string>>> = {
  read: { anonymous: '', nobody: '', member: '', clerk: '', stranger: '' },
  signedIn: { anonymous: 'CALL_UNAUTHENTICATED', nobody: '', member: '', clerk: '', stranger: '' },
  members: {
    ...{ anonymous: 'CALL_UNAUTHENTICATED', nobody: 'CALL_FORBIDDEN', member: '', clerk: '' },
    stranger: 'CALL_FORBIDDEN',
  },
  inside: {
    ...{ anonymous: 'CALL_FORBIDDEN', nobody: 'CALL_FORBIDDEN', member: 'CALL_FORBIDDEN' },
    ...{ clerk: 'CALL_FORBIDDEN', stranger: 'CALL_FORBIDDEN' },
  },
}

for (const runner of ['inline', 'wire', 'split'] as const) {
  test(`access rules let in exactly those whom they name (${runner})`, async () => {
    const { calls } = createFixture({ runner })
    for (const [operation, row] of Object.entries(matrix)) {
      for (const [name, expected] of Object.entries(row)) {
        const caller = createExternalCaller(calls, { principal: principals[name as Name] })
        const outcome = await caller.call(`front.${operation}`, {}).then(
          () => '',
          (error: { code: string }) => error.code,
        )
        assert.equal(outcome, expected, `${name} calls ${operation}`)
      }
    }
  })
}

test('the operator’s tools pass access rules', async () => {
  const { calls } = createFixture()
  await createExternalCaller(calls, { bypassAccess: true }).of(front).inside({})
})

test('calls from outside past the limit are refused at once, and let in again afterwards', async () => {
  let release: () => void = () => {}
  const gate = new Promise<void>((resolve) => void (release = resolve))
  const { calls, telemetry } = createFixture({
    inFlightMax: 2,
    handlers: {
      frontRead: (_input, ctx) => ctx.call.store.read({}),
      async read() {
        await gate
        return {}
      },
    },
  })
  const caller = createExternalCaller(calls).of(front)
  const running = [caller.read({}), caller.read({})]
  await assert.rejects(caller.read({}), {
    code: 'CALL_OVERLOADED',
    kind: 'unavailable',
    details: { limit: 2 },
  })
  assert.equal(calls.inFlight(), 2)
  assert.ok(telemetry.metrics.text().includes('banyan_calls_in_flight 2\n'))
  release()
  await Promise.all(running)
  await caller.read({})
  assert.equal(calls.inFlight(), 0)
})

test('an operation that does not exist is refused', async () => {
  const { calls } = createFixture()
  await assert.rejects(createExternalCaller(calls).call('store.nothing', {}))
})

test('a module without tables that asks for its database is told so', async () => {
  const { calls, logged } = createFixture({
    hasStorage: false,
    handlers: {
      read: (_input, ctx) => ({ value: ctx.db }),
      act: (_input, ctx) => ctx.transaction(async () => ({})),
    },
  })
  const caller = createExternalCaller(calls).of(store)
  await assert.rejects(caller.read({}), { code: 'CALL_STORAGE_MISSING' })
  await assert.rejects(caller.act({}), { code: 'CALL_STORAGE_MISSING' })
  assert.ok((await logged()).some(({ msg }) => /store asked for its database/.test(String(msg))))
})

test('the database is read for the context that asks', async () => {
  const { calls } = createFixture({
    handlers: {
      read(_input, ctx) {
        const database: unknown = ctx.db
        const { readFor } = database as { readFor: unknown }
        return { value: readFor === ctx && ctx.db === ctx.db }
      },
    },
  })
  assert.deepEqual(await createExternalCaller(calls).of(store).read({}), { value: true })
})

test('tokens are issued by modules that were granted it', async () => {
  const issueToken = (principal: Principal, lifetimeMs: number): string =>
    `${principal.subject} ${lifetimeMs}`
  const handlers = {
    act: (
      _input: object,
      ctx: { issueToken(principal: Principal, lifetimeMs: number): string },
    ) => ({
      value: ctx.issueToken(principals.member, 60),
    }),
  }
  const granted = createFixture({ handlers, issueToken, grants: ['issueToken'] })
  assert.deepEqual(await createExternalCaller(granted.calls).of(store).act({}), { value: 'm 60' })
  const { calls } = createFixture({ handlers, issueToken })
  await assert.rejects(createExternalCaller(calls).of(store).act({}), {
    code: 'MODULE_GRANT_MISSING',
  })
})

test('mail is sent, within the deadline, by modules that were granted it', async () => {
  const mail = { messageId: 'a@b', from: { address: 'a@b' }, to: [], subject: '', text: '' }
  const handlers = {
    act: async (_input: object, ctx: object) => ({
      value: await (ctx as { mail: MailSender }).mail.send(mail),
    }),
  }
  const sent: unknown[] = []
  const sendMail: SendMail = async ({ messageId }, signal) => {
    sent.push(messageId, signal.aborted)
    return { accepted: ['c@d'], refused: [] }
  }
  const act = (options: FixtureOptions) =>
    createExternalCaller(createFixture({ handlers, ...options }).calls)
      .of(store)
      .act({})
  assert.deepEqual(await act({ sendMail, grants: ['mail'] }), {
    value: { accepted: ['c@d'], refused: [] },
  })
  assert.deepEqual(sent, ['a@b', false])
  await assert.rejects(act({ sendMail }), { code: 'MODULE_GRANT_MISSING' })
  await assert.rejects(act({ grants: ['mail'] }), { code: 'CALL_MAIL_MISSING' })
})

test('a handler has its settings, the injected clock, randomness and ids, and fault points', async () => {
  const { calls, world } = createFixture({
    handlers: {
      async act(_input, ctx) {
        await ctx.faultPoint('store.acted')
        assert.equal(ctx.clock, world.clock)
        assert.equal(ctx.random, world.random)
        assert.equal(ctx.ids, world.ids)
        return { value: ctx.config }
      },
    },
  })
  world.faults.recording = true
  const answer = await createExternalCaller(calls).of(store).act({})
  assert.deepEqual(answer, { value: { limit: 3 } })
  assert.deepEqual([...world.faults.reached], ['store.acted'])
})

test('application lines name their operation and trace', async () => {
  const { calls, logged } = createFixture({
    handlers: {
      read(_input, ctx) {
        ctx.log.debug({}, 'too fine')
        ctx.log.info({ sku: 'A' }, 'one')
        ctx.log.warn({}, 'two')
        ctx.log.error({}, 'three')
        return { value: ctx.trace.traceId }
      },
    },
  })
  const { value } = await createExternalCaller(calls).of(store).read({})
  const lines = await logged()
  assert.deepEqual(
    lines.map(({ level, operation, msg, traceId }) => [level, operation, msg, traceId === value]),
    [
      [30, 'store.read', 'one', true],
      [40, 'store.read', 'two', true],
      [50, 'store.read', 'three', true],
    ],
  )
})

test('a module’s own work runs as the system, with calls, within its time', async () => {
  const { calls, telemetry } = createFixture({
    handlers: { read: (_input, ctx) => ({ value: ctx.principal.subject }) },
  })
  let seen: unknown
  await runModuleWork(calls, {
    ...{ module: 'front', id: 'front.schedules.sweep', timeoutMs: 1_000 },
    async run(context) {
      const ctx = context as { call: { store: { read(input: object): Promise<unknown> } } }
      seen = await ctx.call.store.read({})
    },
  })
  assert.deepEqual(seen, { value: system.subject })
  assert.ok(telemetry.tracer.read(0).some(({ name }) => name === 'front.schedules.sweep'))
})

test('work that overruns is cut off and logged; work that breaks keeps its reason at home', async () => {
  const { calls, settle, logged } = createFixture()
  const base = { module: 'front', timeoutMs: 1_000 }
  let signal: AbortSignal | undefined
  const slow = runModuleWork(calls, {
    ...{ ...base, id: 'front.schedules.slow' },
    run(context) {
      ;({ signal } = context as { signal: AbortSignal })
      return new Promise(() => {})
    },
  })
  await assert.rejects(settle(slow), { code: 'CALL_OUTCOME_UNKNOWN' })
  assert.equal(signal?.aborted, true)
  const broken = runModuleWork(calls, {
    ...{ ...base, id: 'front.schedules.broken' },
    run: () => Promise.reject(new Error('the reason')),
  })
  await assert.rejects(broken, { code: 'KERNEL_BUG', message: 'an internal error' })
  const lines = await logged()
  assert.deepEqual(
    lines.map(({ operation, code }) => [operation, code]),
    [
      ['front.schedules.slow', 'CALL_OUTCOME_UNKNOWN'],
      ['front.schedules.broken', 'KERNEL_BUG'],
    ],
  )
  assert.match(JSON.stringify(lines[1]), /the reason/)
  await assert.rejects(
    runModuleWork(calls, { ...base, module: 'none', id: 'x', run: async () => {} }),
  )
})
