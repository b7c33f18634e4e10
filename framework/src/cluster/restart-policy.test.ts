import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSeededRandom, FakeClock, type Random } from '../kernel/index.ts'
import { RestartPolicy } from './restart-policy.ts'

const even: Random = { ...createSeededRandom(1), fraction: () => 0.5 }

test('pauses double from 100 ms to 10 s while a process keeps ending', () => {
  const policy = new RestartPolicy(new FakeClock(), even)
  const pauses = Array.from({ length: 9 }, () => Math.round(policy.ended()))
  assert.deepEqual(pauses, [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
})

test('after a minute of health the next pause is the first again', async () => {
  const clock = new FakeClock()
  const policy = new RestartPolicy(clock, even)
  for (let count = 0; count < 5; count++) policy.ended()
  policy.started()
  await clock.advance(59_000)
  assert.equal(Math.round(policy.ended()), 3_200)
  policy.started()
  await clock.advance(60_000)
  assert.equal(Math.round(policy.ended()), 100)
})

test('only ends within 5 s of a start count as quick, and only in a row', async () => {
  const clock = new FakeClock()
  const policy = new RestartPolicy(clock, even)
  const liveFor = async (ms: number): Promise<void> => {
    policy.started()
    await clock.advance(ms)
    policy.ended()
  }
  await liveFor(10)
  await liveFor(4_999)
  assert.equal(policy.quickEnds, 2)
  await liveFor(5_000)
  assert.equal(policy.quickEnds, 0)
})

test('a fifth of a pause is left to chance, to either side', () => {
  const at = (fraction: number): number =>
    new RestartPolicy(new FakeClock(), { ...even, fraction: () => fraction }).ended()
  assert.equal(Math.round(at(0)), 80)
  assert.equal(Math.round(at(0.999_999)), 120)
})
