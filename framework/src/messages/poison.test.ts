import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, effectsOf, rowsOf, until } from './yard.fixture.ts'
import { YardDatabase, type YardProcess, type YardSettings } from './yard-processes.fixture.ts'

const settings: YardSettings = {
  by: 'worker',
  limits: { leaseMs: 600, pollMs: 100, concurrencyMax: 32 },
  stuckMs: 600,
  memoryMbMax: 96,
}

/** Keeps a process, and starts another whenever it has ended, as a supervisor does. */
function supervise(yard: YardDatabase) {
  let isOver = false
  let ends = 0
  let current: YardProcess = yard.start(settings)
  const loop = (async () => {
    while (!isOver) {
      await current.ended
      if (isOver) return
      ends++
      current = yard.start(settings)
    }
  })()
  return {
    ends: () => ends,
    async [Symbol.asyncDispose]() {
      isOver = true
      await current.kill()
      await loop
    },
  }
}

test('poison that throws, loops for ever or exhausts the memory is parked, exactly that, and all else is done once', async () => {
  await using yard = await YardDatabase.open()
  const good = Array.from({ length: 40 }, (_, index) => ({ job: 'plain', what: `good ${index}` }))
  const poison = ['throw 0', 'loop 0', 'memory 0'].map((what) => ({ job: 'plain', what }))
  await ask(yard.app, ...good.slice(0, 20), ...poison, ...good.slice(20))
  // as after three deaths, so that the test is short; the drill begins without any
  await rowsOf(yard.app, "update yard.banyan_message set deaths = 3 where payload ~ 'loop|memory'")
  await using supervised = supervise(yard)
  const left = async (): Promise<string[]> => {
    const rows = await rowsOf(
      yard.app,
      "select payload::jsonb ->> 'what' as what, state from yard.banyan_message order by what",
    )
    return rows.map((row) => `${String(row['what'])}: ${String(row['state'])}`)
  }
  await until(async () => (await left()).every((text) => text.endsWith(': 5')), 80_000)
  assert.deepEqual(await left(), ['loop 0: 5', 'memory 0: 5', 'throw 0: 5'])
  const effects = await effectsOf(yard.app)
  assert.deepEqual([...effects].sort(), good.map(({ what }) => `plain ${what}`).sort())
  const problems = await rowsOf(
    yard.app,
    'select attempts, deaths, problem from yard.banyan_message order by payload',
  )
  assert.deepEqual(
    problems.map((row) => [/MESSAGES_PROCESS_DIED/.test(String(row['problem'])), row['deaths']]),
    [
      [true, 5],
      [true, 5],
      [false, problems[2]?.['deaths']],
    ],
  )
  assert.ok(supervised.ends() >= 4, `${supervised.ends()} processes died`)
})
