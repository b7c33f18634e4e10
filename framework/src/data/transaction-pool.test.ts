import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Deadlines, FakeClock } from '../kernel/index.ts'
import { parseLimits } from './limits.ts'
import { TransactionPool } from './transaction-pool.ts'

test('waiters that have given up keep nobody out of the queue', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  const limits = parseLimits({ transactionsMax: 1, waitersMax: 2, waitMsMax: 500 })
  const open = (): Promise<never> => new Promise(() => {})
  const pool = new TransactionPool({ module: 'stock', address: 'nowhere', clock, limits, open })
  const outcomes: string[] = []
  const wait = (name: string): void => {
    const note = (error: unknown): void => void outcomes.push(`${name} ${String(error)}`)
    pool.acquire(deadlines).connection.then(() => {}, note)
  }
  for (const name of ['opening', 'first', 'second', 'third']) wait(name)
  await clock.advance(0)
  assert.match(outcomes.join(), /^third DATA_POOL_EXHAUSTED.*2 transactions already wait$/)
  await clock.advance(600)
  assert.equal(outcomes.length, 3)
  wait('fourth')
  await clock.advance(0)
  assert.equal(outcomes.length, 3, 'the fourth waits')
  assert.equal(pool.waiting, 1)
  await clock.advance(600)
  assert.match(outcomes[3] ?? '', /^fourth .*waited 500 ms$/)
})
