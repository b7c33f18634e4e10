import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application, Module } from '../../module/index.ts'
import { historyOf, replayHistory, type SagaHistory, testApplication } from '../../testing/index.ts'
import {
  agency,
  approve,
  type Book,
  effects,
  enter,
  pay,
  query,
  sagas,
  start,
  trips,
  untilStates,
} from './saga.fixture.ts'

const first: Book = async ({ trip }, ctx) => {
  await ctx.step('hotel', () => enter(ctx, trip, 'hotel'))
  await ctx.sleep('nap', 20)
  const found = await ctx.waitFor('approval', trips.events.approved, {
    key: trip,
    timeoutMs: 60_000,
  })
  await ctx.step('flight', () => pay(ctx, trip, `flight for ${found?.by}`))
}

function moduleOf({ modules }: Application): Module {
  const found = modules.find(({ contract }) => contract.name === 'trips')
  assert.ok(found)
  return found
}

/** A saga that waits for its approval, and the version that it began under. */
async function waiting(run: Book): Promise<{ history: SagaHistory; done: SagaHistory }> {
  const application = agency(run)
  await using app = await testApplication(application, { messages: true, runner: 'inline' })
  const { id } = await start(app, 'a')
  await untilStates(app, [4])
  const history = await historyOf(app, moduleOf(application), id)
  await approve(app, 'a', 'ann')
  await untilStates(app, [6])
  return { history, done: await historyOf(app, moduleOf(application), id) }
}

test('a saga goes on under the version that it began under', async () => {
  await using app = await testApplication(agency(first), { messages: true, runner: 'inline' })
  await start(app, 'old')
  await untilStates(app, [4])
  await app.instance.stop()
  const second: Book = async ({ trip }, ctx) => {
    await ctx.step('train', () => enter(ctx, trip, 'train'))
  }
  const database = String(app.server.database)
  const application = agency(second, { version: 2, versions: { 1: first } })
  await using next = await testApplication(application, {
    messages: true,
    database,
    runner: 'inline',
  })
  await start(next, 'new')
  await untilStates(next, [4, 6])
  await approve(next, 'old', 'ann')
  await untilStates(next, [6, 6])
  assert.deepEqual(await effects(next, 'old'), ['flight for ann', 'hotel'])
  assert.deepEqual(await effects(next, 'new'), ['train'])
})

test('a saga of a version that is not here waits, and says so', async () => {
  await using app = await testApplication(agency(first, { version: 2 }), { messages: true })
  await query(
    app,
    `insert into trips.banyan_message (id, queue, version, payload, headers)
     values (gen_random_uuid(), 'jobs.book', 1, '{"trip":"a"}', '{}')`,
  )
  await untilStates(app, [1])
  const [saga] = await sagas(app)
  assert.equal(saga?.problem?.code, 'MESSAGES_VERSION_UNKNOWN')
  const [row] = await query(app, 'select attempts from trips.banyan_message')
  assert.equal(row?.['attempts'], 0)
  assert.ok(app.logs.some(({ msg }) => String(msg).includes('of a version that is not here')))
})

test('code for a version that is not older is refused', () => {
  assert.throws(() => agency(first, { version: 2, versions: { 2: first } }), {
    code: 'MODULE_JOB_INVALID',
  })
})

test('histories, of sagas under way and done, are followed by the code that made them', async () => {
  const { history, done } = await waiting(first)
  assert.deepEqual(
    history.asked.map(({ name, kind, isOver }) => [name, kind, isOver]),
    [
      ['hotel', 'step', true],
      ['nap', 'sleep', true],
      ['approval', 'wait', false],
    ],
  )
  assert.equal(done.isDone, true)
  const kept = JSON.parse(JSON.stringify(done)) as SagaHistory
  await replayHistory(moduleOf(agency(first)), history)
  await replayHistory(moduleOf(agency(first)), kept)
})

test('code that leaves out a step, changes their order or fails does not follow the history', async () => {
  const { history, done } = await waiting(first)
  const wait = (ctx: Parameters<Book>[1], trip: string) =>
    ctx.waitFor('approval', trips.events.approved, { key: trip, timeoutMs: 1 })
  const planted: readonly (readonly [RegExp, Book])[] = [
    [
      /does not ask for "hotel"|asks for "nap" where the history has "hotel"/,
      async (_input, ctx) => ctx.sleep('nap', 20),
    ],
    [
      /asks for "nap" where the history has "hotel"/,
      async ({ trip }, ctx) => {
        await ctx.sleep('nap', 20)
        await ctx.step('hotel', async () => {})
        await wait(ctx, trip)
      },
    ],
    [
      /does not ask for "nap"/,
      async (_input, ctx) => {
        await ctx.step('hotel', async () => {})
        await ctx.step('more', async () => {})
        await ctx.sleep('nap', 20)
      },
    ],
    [/as a step; the history has a sleep/, async (_input, ctx) => ctx.step('nap', async () => {})],
  ]
  for (const [reason, code] of planted) {
    await assert.rejects(replayHistory(moduleOf(agency(code)), history), (error: Error) => {
      assert.match(error.message, reason)
      return (error as Error & { code: string }).code === 'MESSAGES_HISTORY_DIVERGED'
    })
  }
  const failing: Book = async (input, ctx) => {
    await first(input, ctx)
    throw new Error('at the end')
  }
  await assert.rejects(
    replayHistory(moduleOf(agency(failing)), done),
    /ends in an error.*at the end/,
  )
  await assert.rejects(
    replayHistory(moduleOf(agency(first, { version: 2 })), history),
    /no code for its version 1/,
  )
})

test('code may go on where the history ends, and be given what it reaches outside of steps', async () => {
  const { history } = await waiting(first)
  const longer: Book = async ({ trip }, ctx) => {
    await ctx.step('hotel', async () => {})
    await ctx.sleep('nap', 20)
    const { receipt } = await ctx.call.bank.pay({ trip, what: 'asked' })
    assert.equal(receipt, 'given')
    const both = [
      ctx.step('new', async () => {}),
      ctx.waitFor('approval', trips.events.approved, { key: trip, timeoutMs: 1 }),
    ]
    await Promise.all(both)
  }
  const module = moduleOf(agency(longer))
  await assert.rejects(replayHistory(module, history), { code: 'MESSAGES_HISTORY_DIVERGED' })
  const context = { call: { bank: { pay: async () => ({ receipt: 'given' }) } } }
  await replayHistory(module, history, { context })
})

test('a history that is not kept is unknown', async () => {
  const application = agency(first)
  await using app = await testApplication(application, { runner: 'inline' })
  const id = app.world.ids.next()
  await assert.rejects(historyOf(app, moduleOf(application), id), {
    code: 'MESSAGES_MESSAGE_UNKNOWN',
  })
})
