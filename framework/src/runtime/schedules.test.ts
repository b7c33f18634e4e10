import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../kernel/index.ts'
import { startInstance } from './instance.ts'
import { clockworkApplication, instanceOptions } from './runtime.fixture.ts'

/** What is due at this moment of the fake clock has happened after it. */
const aMoment = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

async function withSchedule(run: () => Promise<void>, schedules = true) {
  const clock = new FakeClock()
  const declared = clockworkApplication({ schedules: { tick: { every: '10s', run } } })
  const options = instanceOptions(declared, { clock })
  return { clock, instance: await startInstance({ ...options, schedules }), lines: options.lines }
}

test('a schedule runs each period, first after one period', async () => {
  let runs = 0
  const { clock, instance } = await withSchedule(async () => void runs++)
  await using _ = instance
  await clock.advance(9_999)
  assert.equal(runs, 0)
  await clock.advance(1)
  assert.equal(runs, 1)
  await clock.advance(20_000)
  assert.equal(runs, 3)
})

test('runs of one schedule never overlap: the next period begins when a run has ended', async () => {
  const open: (() => void)[] = []
  let runs = 0
  const { clock, instance } = await withSchedule(() => {
    runs++
    return new Promise((resolve) => void open.push(resolve))
  })
  await using _ = instance
  await clock.advance(25_000)
  assert.equal(runs, 1)
  open.shift()?.()
  await aMoment()
  await clock.advance(10_000)
  assert.equal(runs, 2)
  open.shift()?.()
})

test('a run that fails is logged with its schedule, and the next one comes', async () => {
  let runs = 0
  const { clock, instance, lines } = await withSchedule(async () => {
    runs++
    throw new Error('out of oil')
  })
  await using _ = instance
  await clock.advance(20_000)
  assert.equal(runs, 2)
  await instance.calls.telemetry.logs.flush()
  const logged = lines.filter((line) => line.includes('clockwork.schedules.tick'))
  assert.equal(logged.length, 2)
  assert.match(logged[0] ?? '', /out of oil/)
})

test('a run that overruns its timeout is given up, and the next one comes', async () => {
  let runs = 0
  const { clock, instance } = await withSchedule(() => {
    runs++
    return new Promise(() => {})
  })
  await using _ = instance
  await clock.advance(10_000 + 30_000 + 10_000)
  assert.equal(runs, 2)
  // Stopping waits for the second one, which is given up in its turn.
  await clock.advance(30_000)
})

test('schedules do not run by themselves when they are switched off, but can be run', async () => {
  let runs = 0
  const { clock, instance } = await withSchedule(async () => void runs++, false)
  await using _ = instance
  await clock.advance(60_000)
  assert.equal(runs, 0)
  await instance.schedules.run('clockwork.schedules.tick')
  assert.equal(runs, 1)
  await assert.rejects(instance.schedules.run('clockwork.schedules.tock'), /no schedule/)
})

test('stopping waits for a run that is under way and starts no other', async () => {
  let finish = (): void => {}
  let runs = 0
  const { clock, instance } = await withSchedule(() => {
    runs++
    return new Promise((resolve) => {
      finish = resolve
    })
  })
  await clock.advance(10_000)
  let isStopped = false
  const stopped = instance.stop().then(() => {
    isStopped = true
  })
  await aMoment()
  assert.equal(isStopped, false)
  finish()
  await stopped
  await clock.advance(60_000)
  assert.equal(runs, 1)
})
