/** The statements of operators over one module's tables, run as its writer. What changes a message locks
 *  its row first and looks at its state under the lock; the epoch is raised, so that a worker that held
 *  the message cannot commit any more. Time is the database's. */

/** For this transaction: bounds are kept by walking indexes in their order. Before a queue that has grown
 *  is analyzed, the planner takes it for empty, and would read and sort all of it. */
export const walkText = `
select set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true),
  set_config('enable_seqscan', 'off', true)`

/** The message by its id, locked. Cost: a scan of the table, as ids have no index: operators pay, not every
 *  message. */
const before = `(select position, state from banyan_message where id = $1 for update) as before`

const changed = `m.queue, m.key, before.state as before, m.state as after`

/** States 0 to 4: what may still run. */
export const parkText: string = `
update banyan_message m
set state = 5, epoch = m.epoch + 1, ended_at = clock_timestamp(), due_at = null,
  leased_by = null, leased_until = null, problem = coalesce(m.problem, $2)
from ${before}
where m.position = before.position and before.state < 5
returning ${changed}`

/** A leased one is told to stop, a saga that has something to undo is undone by a worker, all others
 *  end here. A parked saga whose failure is recorded has been undone as far as it went. */
export const cancelText: string = `
update banyan_message m
set state = case when before.state = 2 then 2 when not is_undone then 7
    when before.state = 3 then 3 else 0 end,
  is_cancelling = before.state = 2 or is_undone,
  epoch = case when before.state = 2 then m.epoch else m.epoch + 1 end,
  attempts = case when before.state = 5 and is_undone then 0 else m.attempts end,
  due_at = case when before.state = 2 then m.due_at end,
  ended_at = case when before.state = 2 or is_undone then null else clock_timestamp() end
from (select position, state, exists (
    select from banyan_step s where s.message = b.id and s.kind = 0)
    and not (state = 5 and exists (
      select from banyan_step s where s.message = b.id and s.kind = 2)) as is_undone
  from banyan_message b where id = $1 for update) as before
where m.position = before.position and before.state < 6
returning ${changed}, m.is_cancelling`

/** Parked messages by position. Indexes: the primary key, banyan_message_key, banyan_message_unique. One under a unique text stays parked while another one waits under it,
 *  or comes first in this batch. One whose key is busy waits for its turn, earlier ones first. */
export const redriveText = `
with chosen as (
  select position, queue, key, unique_text,
    row_number() over (partition by queue, unique_text order by position) as nth
  from banyan_message where position = any($1::bigint[]) and state = 5),
fit as (
  select position, row_number() over (partition by queue, key order by position) as turn
  from chosen c
  where unique_text is null or (nth = 1 and not exists (
    select from banyan_message o
    where o.queue = c.queue and o.unique_text = c.unique_text and o.state < 5)))
update banyan_message m
set state = case when m.key is not null and (fit.turn > 1 or exists (
    select from banyan_message e
    where e.queue = m.queue and e.key = m.key and e.state < 5
      and (e.state = 2 or e.position < m.position))) then 3 else 0 end,
  attempts = 0, deaths = 0, epoch = m.epoch + 1, due_at = null, ended_at = null,
  leased_by = null, leased_until = null, is_cancelling = false, progress = null, note = null
from fit where m.position = fit.position and m.state = 5
returning m.position, m.state`

/** The next parked ones of a queue, locked. Index: banyan_message_parked. */
export const parkedText = `
select position from banyan_message
where state = 5 and queue = $1 and position > $2 and position <= $3
order by position limit $4 for update skip locked`

/** How many are parked in a queue, and up to where. Index: banyan_message_parked. */
export const parkedCountText = `
select count(*)::integer as count, coalesce(max(position), 0) as last
from banyan_message where state = 5 and queue = $1`

export const findText = `
select position, queue, state, unique_text from banyan_message where id = $1`

const listed = `position, id, queue, version, key, state, attempts, deaths, created_at, due_at,
  leased_until, leased_by, progress, note, is_cancelling, problem, ended_at,
  (extract(epoch from clock_timestamp() - created_at) * 1000)::double precision as age_ms`

export const showText: string = `
select ${listed}, payload, headers, rank, epoch, unique_text from banyan_message where id = $1`

/** A page in the order of positions. With a queue and the state 5: index banyan_message_parked; otherwise
 *  the primary key, passing by what is not wanted.
 *  @param state  a number of `messageStates`, part of the text so that partial indexes serve it */
export function listText(state: number | undefined): string {
  const wanted = state === undefined ? '' : ` and state = ${Number(state)}`
  return `
select ${listed} from banyan_message
where position > $1 and ($2::text is null or queue = $2)${wanted}
order by position limit $3`
}

/** The records of a saga: what it has done, and what it waits for. */
export const recordsText: string = `
select number, name, kind, is_undone, done_at as ended_at, due_at
from banyan_step where message = $1
union all
select number, name, 3, false, null, due_at from banyan_wait where message = $1
order by number, kind`

/** Tells workers everywhere that something may have become ready; at the commit. */
export const announceText = `select pg_notify($1, $2)`

/** Whether rows lie in a queue, declared or not. */
export const queueUsedText = `
select exists (select from banyan_message where queue = $1)
  or exists (select from banyan_queue where queue = $1) as used`

const settings = 'queue, is_paused, concurrency_max, rate_count, rate_ms'

export const settingsText: string = `select ${settings} from banyan_queue`

export const pauseText: string = `
insert into banyan_queue (queue, is_paused) values ($1, $2)
on conflict (queue) do update set is_paused = excluded.is_paused
returning ${settings}`

/** What is not to be changed ($3, $6 false) stays; null goes back to the declaration. */
export const limitText: string = `
insert into banyan_queue (queue, concurrency_max, rate_count, rate_ms) values ($1, $2::integer, $4::integer, $5::integer)
on conflict (queue) do update set
  concurrency_max = case when $3::boolean then $2::integer else banyan_queue.concurrency_max end,
  rate_count = case when $6::boolean then $4::integer else banyan_queue.rate_count end,
  rate_ms = case when $6::boolean then $5::integer else banyan_queue.rate_ms end,
  next_at = case when $6::boolean then null else banyan_queue.next_at end
returning ${settings}`

/** Holds one message until the end of the transaction. */
export const lockText = `select state from banyan_message where position = $1 for update`
