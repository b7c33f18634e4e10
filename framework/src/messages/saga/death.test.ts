import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSeededRandom, testApplication } from '../../testing/index.ts'
import { boundaries, effectsOf, stateOf, sweep, unbookable } from './boundaries.fixture.ts'
import { MortalWorker } from './mortal-worker.fixture.ts'
import { effects, query, start, untilStates } from './saga.fixture.ts'

test('a run that is stuck at any boundary is begun again after its time, to the same end', async () => {
  // on a busy machine a run may not come far in this time; it goes on in the next
  const application = unbookable({ timeout: 200, attemptsMax: 50 })
  await using app = await testApplication(application, { messages: true })
  await sweep(
    app,
    'hang',
    boundaries.filter(({ nth }) => nth === 1 || nth === 4),
  )
})

test('processes that die at random boundaries leave each effect once, and each undone once', async (t) => {
  const seed = Number(process.env['TEST_SEED'] ?? '1')
  t.diagnostic(`TEST_SEED=${seed}`)
  const random = createSeededRandom(seed)
  // four deaths: a message that was there at a fifth one would be parked
  await using app = await testApplication(unbookable())
  const trips: string[] = []
  for (let death = 0; death < 4; death++) {
    // fresh ones, so that every boundary is passed often enough
    for (const trip of [`good ${death}`, `bad ${death}`]) {
      await start(app, trip)
      trips.push(trip)
    }
    const place = boundaries[Math.floor(random.fraction() * boundaries.length)]
    await using worker = await MortalWorker.start(app, place)
    assert.equal(await worker.ended, 'SIGKILL')
  }
  await using _last = await MortalWorker.start(app, undefined)
  await untilStates(app, trips.map(stateOf), 20_000)
  for (const trip of trips) {
    assert.deepEqual(await effects(app, trip), effectsOf(trip), trip)
  }
  const [row] = await query(app, 'select sum(deaths)::integer as deaths from trips.banyan_message')
  assert.ok(Number(row?.['deaths']) >= 4)
})
