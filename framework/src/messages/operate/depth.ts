import type { StatementRunner } from '../../data/index.ts'
import { type MessageState, stateOf } from './message-state.ts'
import { walkText } from './operate-sql.ts'

/** How much lies in one queue in one state. */
export interface Depth {
  /** `jobs.sendConfirmation`: without the module. */
  readonly queue: string
  readonly state: MessageState
  readonly count: number
  /** For how long the oldest of them could have run, in ms by the database's clock; negative while its
   *  time has not come. */
  readonly oldestMs: number
}

/** What lies in the tables of one module. */
export interface ModuleDepth {
  readonly depths: readonly Depth[]
  /** What was published and not carried away yet. */
  readonly outbox: { readonly count: number; readonly oldestMs: number }
  /** States of which only the first `countMax` were counted, so that counts are lower bounds. */
  readonly partial: ReadonlySet<MessageState | 'outbox'>
}

/** Counts at most $1 rows per state, each through its own partial index, so that the cost is bounded
 *  however long the queues are. Delayed ones are as old as their lateness. */
const depthText = `
with seen as (
  (select queue, state, greatest(created_at, due_at) as since from banyan_message
    where state = 0 order by rank, position limit $1)
  union all
  (select queue, state, due_at from banyan_message
    where state in (1, 4) order by due_at limit $1)
  union all
  (select queue, state, greatest(created_at, due_at) from banyan_message
    where state = 2 order by leased_until limit $1)
  union all
  (select queue, state, created_at from banyan_message where state = 3 limit $1)
  union all
  (select queue, state, coalesce(ended_at, created_at) from banyan_message
    where state = 5 order by queue, position limit $1)
  union all
  (select null, null, created_at from banyan_outbox order by position limit $1))
select queue, state, count(*)::integer as count,
  (extract(epoch from clock_timestamp() - min(since)) * 1000)::double precision as oldest_ms
from seen group by queue, state`

/** Requires: nothing else in the transaction needs a plan.
 *  Cost: 2 statements at once, at most 6 × `countMax` index entries and rows. */
export async function readDepth(runner: StatementRunner, countMax: number): Promise<ModuleDepth> {
  const walking = runner.run(walkText, [])
  const [, { rows }] = await Promise.all([walking, runner.run(depthText, [countMax])])
  const depths: Depth[] = []
  let outbox = { count: 0, oldestMs: 0 }
  for (const row of rows) {
    const amount = { count: Number(row['count']), oldestMs: Number(row['oldest_ms']) }
    if (row['queue'] === null) outbox = amount
    else depths.push({ queue: row['queue'] as string, state: stateOf(row['state']), ...amount })
  }
  return { depths, outbox, partial: partialOf(depths, outbox.count, countMax) }
}

function partialOf(
  depths: readonly Depth[],
  outbox: number,
  countMax: number,
): ReadonlySet<MessageState | 'outbox'> {
  const totals = new Map<MessageState | 'outbox', number>([['outbox', outbox]])
  for (const { state, count } of depths) totals.set(state, (totals.get(state) ?? 0) + count)
  // both wait for a time, and share an index and so a bound
  const timed = (totals.get('waiting') ?? 0) + (totals.get('listening') ?? 0)
  totals.set('waiting', timed).set('listening', timed)
  return new Set([...totals].filter(([, total]) => total >= countMax).map(([state]) => state))
}
