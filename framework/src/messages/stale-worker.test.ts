import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Safety } from './run-message.ts'
import { ask, pause, rowsOf, until } from './yard.fixture.ts'
import { YardDatabase, type YardProcess } from './yard-processes.fixture.ts'

/** Stops a process outside of any transaction: the locks of one would keep its message from others until
 *  the server ends it, after 30 s. */
async function stop({ app }: YardDatabase, { child }: YardProcess): Promise<void> {
  const open = `select from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%'`
  for (;;) {
    child.kill('SIGSTOP')
    await pause(50)
    if ((await rowsOf(app, open)).length === 0) return
    child.kill('SIGCONT')
    await pause(20)
  }
}

/** One process is stopped (SIGSTOP) in front of its effect for longer than its lease; another one takes the
 *  message and ends it; then the first goes on. */
async function overtake(safety: Partial<Safety>) {
  await using yard = await YardDatabase.open()
  const limits = { leaseMs: 500, pollMs: 100 }
  const stale = yard.start({ by: 'stale', limits, safety })
  await stale.said('ready')
  await ask(yard.app, { job: 'plain', what: 'hold' })
  await stale.said('holding')
  await stop(yard, stale)
  const other = yard.start({ by: 'other', limits, safety })
  await other.said('holding')
  other.child.kill('SIGUSR2')
  await other.said('committed')
  await until(async () => {
    return (await rowsOf(yard.app, 'select from yard.banyan_message')).length === 0
  })
  stale.child.kill('SIGUSR2')
  stale.child.kill('SIGCONT')
  await until(() => /committed|MESSAGES_|CALL_/.test(stale.output))
  const rows = await rowsOf(yard.app, 'select by from yard.effect order by position')
  return { effects: rows.map((row) => row['by']), said: stale.output }
}

test('a worker that was stopped beyond its lease cannot commit any more', async () => {
  const { effects, said } = await overtake({ inbox: false })
  assert.deepEqual(effects, ['other'])
  assert.match(said, /MESSAGES_LEASE_LOST/)
})

test('without fencing it commits: the control of the test above', async () => {
  const { effects } = await overtake({ inbox: false, fencing: false })
  assert.deepEqual(effects, ['other', 'stale'])
})
