import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApplication } from '../../testing/index.ts'
import { boundaries, sweep, unbookable } from './boundaries.fixture.ts'
import { agency, effects, enter, query, start, untilStates } from './saga.fixture.ts'

test('an error at any boundary leaves each effect once, and each undone once', async () => {
  await using app = await testApplication(unbookable(), { messages: true })
  await sweep(app, 'fail', boundaries)
})

/** A run is at its first step while its message is parked; then it goes on, and makes an effect.
 *  @returns the effects and records that it left */
async function staleRun(fencing: boolean): Promise<readonly string[]> {
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const application = agency(async ({ trip }, ctx) => {
    await ctx
      .step('late', async () => {
        reached.resolve()
        await gate.promise
        await enter(ctx, trip, 'stale')
      })
      .finally(() => ended.resolve())
  })
  const messageSafety = { fencing }
  await using app = await testApplication(application, { messages: true, messageSafety })
  await start(app, 'a')
  await reached.promise
  await query(app, 'update trips.banyan_message set state = 5, epoch = epoch + 1')
  gate.resolve()
  await ended.promise
  const records = await query(app, 'select name from trips.banyan_step')
  return [...(await effects(app)), ...records.map(({ name }) => String(name))]
}

test('a run that has lost its message leaves no effect and no record', async () => {
  assert.deepEqual(await staleRun(true), [])
})

test('negative control: without fencing it leaves both', async () => {
  assert.deepEqual(await staleRun(false), ['stale', 'late'])
})

test('negative control: without the keys of steps, one that ended unrecorded is done twice', async () => {
  const messageSafety = { inbox: false }
  await using app = await testApplication(unbookable(), { messages: true, messageSafety })
  app.world.faults.arm('messages.step.after', 'fail', 2)
  await start(app, 'good')
  await untilStates(app, [6])
  assert.deepEqual(await effects(app), ['do 1', 'do 2', 'do 2', 'do 3', 'do 4', 'do 5'])
})
