import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineError } from '../../kernel/index.ts'
import type { Application } from '../../module/index.ts'
import { type TestApplication, testApplication } from '../../testing/index.ts'
import { MessageOperator } from '../operate/message-operator.ts'
import {
  agency,
  type Book,
  effects,
  enter,
  fiveSteps,
  query,
  sagas,
  start,
  untilStates,
} from './saga.fixture.ts'

const refused = defineError('TRIP_REFUSED', 'invalid', { message: () => 'no', fix: 'none' })

async function open(
  run: Book,
): Promise<{ readonly app: TestApplication; readonly operator: MessageOperator }> {
  const application: Application = agency(run)
  const app = await testApplication(application, { messages: true, runner: 'inline' })
  const { database } = app.instance
  assert.ok(database)
  const { modules } = application
  return { app, operator: new MessageOperator({ modules, database, world: app.world }) }
}

test('a saga that sleeps, and one that runs, is undone when it is cancelled', async () => {
  const began = Promise.withResolvers<void>()
  const { app, operator } = await open(async (input, ctx) => {
    await fiveSteps(input, ctx)
    if (input.trip === 'sleeps') return ctx.sleep('long', 60_000)
    return ctx.step('endless', () => {
      began.resolve()
      return new Promise<never>(() => {})
    })
  })
  await using _app = app
  const ids = [await start(app, 'sleeps'), await start(app, 'runs')]
  await began.promise
  await untilStates(app, [1, 2])
  for (const { id } of ids) assert.equal((await operator.cancel(id)).isCancelling, true)
  await untilStates(app, [7, 7])
  const done = ['do 1', 'do 2', 'do 3', 'do 4', 'do 5']
  const undone = [...done, ...done.map((what) => what.replace('do', 'undo'))]
  assert.deepEqual(await effects(app, 'sleeps'), undone)
  assert.deepEqual(await effects(app, 'runs'), undone)
  for (const { problem } of await sagas(app)) {
    assert.equal(problem?.code, 'MESSAGES_CANCELLED')
    assert.equal(problem?.compensation, 'complete')
  }
})

test('a redriven saga goes on being undone where that failed, and stays undone', async () => {
  let isRepaired = false
  const { app, operator } = await open(async ({ trip }, ctx) => {
    const undo = (what: string) => async () => {
      if (what === 'hotel' && !isRepaired) throw new Error('the hotel does not answer')
      await enter(ctx, trip, `undo ${what}`)
    }
    for (const what of ['hotel', 'car']) {
      await ctx.step(what, () => enter(ctx, trip, what), { undo: undo(what) })
    }
    throw refused({})
  })
  await using _app = app
  const { id } = await start(app, 'a')
  await untilStates(app, [5])
  assert.equal((await operator.show(id)).problem?.compensation, 'incomplete')
  isRepaired = true
  for (let times = 0; times < 2; times++) {
    await operator.redrive(id)
    await untilStates(app, [5])
    const { problem } = await operator.show(id)
    assert.equal(problem?.compensation, 'complete')
    assert.equal(problem?.code, 'TRIP_REFUSED')
    assert.deepEqual(await effects(app), ['car', 'hotel', 'undo car', 'undo hotel'])
  }
})

test('a saga that was parked because its processes died is undone when it is cancelled', async () => {
  const { app, operator } = await open(async (input, ctx) => {
    await fiveSteps(input, ctx)
    await ctx.sleep('long', 60_000)
  })
  await using _app = app
  const { id } = await start(app, 'a')
  await untilStates(app, [1])
  await query(
    app,
    `update trips.banyan_message set state = 5, deaths = 5, epoch = epoch + 1, due_at = null,
       problem = '{"code":"MESSAGES_PROCESS_DIED","message":"it died"}'`,
  )
  await operator.cancel(id)
  await untilStates(app, [7])
  const done = ['do 1', 'do 2', 'do 3', 'do 4', 'do 5']
  const undone = done.map((what) => what.replace('do', 'undo'))
  assert.deepEqual(await effects(app), [...done, ...undone])
})
