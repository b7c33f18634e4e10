import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runKillDrill, wrongsOf } from './kill-drill.fixture.ts'
import { YardDatabase } from './yard-processes.fixture.ts'

const hourMs = 3_600_000

test('processes are killed each second, their clocks wrong by two hours: each message has one effect, in order per key', async () => {
  await using yard = await YardDatabase.open()
  const skewsMs = [0, 2 * hourMs, -2 * hourMs]
  const report = await runKillDrill(yard, { seconds: 8, processes: 3, seed: 7, skewsMs })
  assert.deepEqual(wrongsOf(report), [])
  assert.ok(report.kills >= 2, `${report.kills} kills`)
  assert.ok(report.asked > 20, `${report.asked} jobs`)
})

test('a report with a double, a gap, a wrong order or a parked message is called wrong', () => {
  const right = {
    ...{ kills: 1, asked: 1, told: 3, parked: [] },
    effects: new Map([
      ['job plain', ['slow 1']],
      ['thing a', ['0', '1', '2']],
    ]),
  }
  assert.deepEqual(wrongsOf(right), [])
  const things = (...numbers: string[]) => new Map([...right.effects, ['thing a', numbers]])
  assert.equal(wrongsOf({ ...right, effects: things('0', '2', '1') }).length, 1)
  assert.equal(wrongsOf({ ...right, effects: things('0', '1') }).length, 1)
  assert.equal(wrongsOf({ ...right, effects: things('0', '1', '1', '2') }).length, 3)
  assert.equal(wrongsOf({ ...right, parked: ['{}'] }).length, 1)
})
