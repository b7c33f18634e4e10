/** The statements of the worker over `banyan_message`. Time is the database's throughout. */

/** For this transaction: plans that walk indexes in their order, made once. A queue grows and empties faster
 *  than it is analyzed: left to what it knows, the planner reads and sorts all that is ready at each lease, or
 *  the whole table to end a batch. */
export const walkText = `
select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
  set_config('enable_sort', 'off', true), set_config('enable_hashjoin', 'off', true),
  set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)`

const columns = `m.position, m.id, m.queue, m.version, m.key, m.payload, m.headers, m.epoch, m.attempts,
  m.deaths, m.rank, date_part('epoch', m.created_at) * 1000 as created_ms`

/** No earlier message with its key is unfinished, and no later one (redriven ones come after) is being
 *  worked on. Index: banyan_message_key. */
const isHead = `(m.key is null or not exists (
  select from banyan_message e
  where e.queue = m.queue and e.key = m.key and e.state < 5
    and (e.position < m.position or (e.state = 2 and e.position > m.position))))`

/** Leases what was picked; one behind another with its key is put aside (state 3), so that it is not looked
 *  at again and again. A message that is run is no longer the one that waits under its unique text. */
const take = `
update banyan_message m
set state = case when picked.is_head then 2 else 3 end, epoch = m.epoch + 1,
  leased_by = case when picked.is_head then $1 end,
  unique_text = case when picked.is_head then null else m.unique_text end,
  leased_until = case when picked.is_head then clock_timestamp() + $2 * interval '1 millisecond' end
from picked where m.position = picked.position
returning m.state, ${columns}`

/** Leases up to $3 ready messages of all queues but $4. Index: banyan_message_ready. */
export const leaseText: string = `
with picked as materialized (
  select m.position, ${isHead} as is_head from banyan_message m
  where m.state = 0 and m.deaths = 0 and m.queue <> all($4::text[])
  order by m.rank, m.position limit $3 for update skip locked)
${take}`

/** Leases up to $3 ready messages of the queue $4, which has limits, whose process died $5 times. */
export const leaseQueueText: string = `
with picked as materialized (
  select m.position, ${isHead} as is_head from banyan_message m
  where m.state = 0 and m.deaths = $5 and m.queue = $4
  order by m.rank, m.position limit $3 for update skip locked)
${take}`

/** Leases up to $3 messages whose process died $4 times. Index: banyan_message_suspect. */
export const leaseSuspectsText: string = `
with picked as materialized (
  select m.position, ${isHead} as is_head from banyan_message m
  where m.state = 0 and m.deaths = $4 and m.deaths > 0 and m.queue <> all($5::text[])
  order by m.position limit $3 for update skip locked)
${take}`

/** Of those that were put aside: the ones whose predecessor ended in the same moment. */
export const recheckText: string = `
update banyan_message m set state = 0
where m.position = any($1::bigint[]) and m.state = 3 and ${isHead}`

/** The most deaths of a message that is ready, of all queues but $1; null where none died. */
export const suspectsText = `
select max(deaths) as deaths from banyan_message
where state = 0 and deaths > 0 and queue <> all($1::text[])`

/** Rows whose lease is still ours: they are done. */
export const doneText = `
delete from banyan_message m
using unnest($1::bigint[], $2::integer[]) as held (position, epoch)
where m.position = held.position and m.epoch = held.epoch and m.state = 2
returning m.position`

/** The same for sagas, which are kept for their history. */
export const keptText = `
update banyan_message m
set state = 6, epoch = m.epoch + 1, ended_at = clock_timestamp(), leased_by = null, leased_until = null
from unnest($1::bigint[], $2::integer[]) as held (position, epoch)
where m.position = held.position and m.epoch = held.epoch and m.state = 2
returning m.position`

/** Rows whose lease is still ours begin again later ($3 ms), with an attempt more ($4) and a problem, or
 *  wait (state $6) without. The epoch is raised, so that a run that goes on all the same cannot commit. */
export const laterText = `
update banyan_message m
set state = held.state, epoch = m.epoch + 1, attempts = m.attempts + held.more,
  due_at = clock_timestamp() + held.delay_ms * interval '1 millisecond',
  problem = coalesce(held.problem, m.problem), leased_by = null, leased_until = null
from unnest($1::bigint[], $2::integer[], $3::bigint[], $4::smallint[], $5::text[], $6::smallint[])
  as held (position, epoch, delay_ms, more, problem, state)
where m.position = held.position and m.epoch = held.epoch and m.state = 2
returning m.position`

export const endText = `
update banyan_message m
set state = held.state, epoch = m.epoch + 1, attempts = m.attempts + 1, problem = held.problem,
  ended_at = clock_timestamp(), leased_by = null, leased_until = null
from unnest($1::bigint[], $2::integer[], $3::text[], $4::smallint[])
  as held (position, epoch, problem, state)
where m.position = held.position and m.epoch = held.epoch and m.state = 2
returning m.position`

/** Gives back what was not begun, as if it had not been leased. */
export const releaseText = `
update banyan_message m set state = 0, epoch = m.epoch + 1, leased_by = null, leased_until = null
from unnest($1::bigint[], $2::integer[]) as held (position, epoch)
where m.position = held.position and m.epoch = held.epoch and m.state = 2`

/** Gives back what $1 leased without hearing of it; it holds $2. Index: banyan_message_leased. */
export const releaseStrayText = `
update banyan_message set state = 0, epoch = epoch + 1, leased_by = null, leased_until = null
where state = 2 and leased_by = $1 and position <> all($2::bigint[])`

/** The next message of each key may go. Index: banyan_message_key. */
export const unblockText = `
update banyan_message m set state = 0
from unnest($1::text[], $2::text[]) as ended (queue, key)
where m.state = 3 and m.position = (
  select min(n.position) from banyan_message n
  where n.queue = ended.queue and n.key = ended.key and n.state < 5)`

/** Extends leases. A row that a transaction of its run has locked is left out: who holds that lock cannot
 *  lose it, and it is extended soon after. */
export const extendText = `
with held as materialized (
  select m.position from banyan_message m
  join unnest($1::bigint[], $2::integer[]) as held (position, epoch)
    on m.position = held.position and m.epoch = held.epoch
  where m.state = 2 for update of m skip locked)
update banyan_message m
set leased_until = clock_timestamp() + $3 * interval '1 millisecond'
from held where m.position = held.position
returning m.position`

/** The same for one message, at the end of a transaction of its run that took long; left to the last one
 *  where several are open. */
export const extendOneText = `
update banyan_message set leased_until = clock_timestamp() + $3 * interval '1 millisecond'
where position = (
  select position from banyan_message where position = $1 and epoch = $2 and state = 2
  for update skip locked)`

/** What runs said of their progress. A row that is locked is left out until the next time. */
export const progressText = `
with held as materialized (
  select m.position, said.fraction, said.note from banyan_message m
  join unnest($1::bigint[], $2::integer[], $3::real[], $4::text[])
    as said (position, epoch, fraction, note)
    on m.position = said.position and m.epoch = said.epoch
  where m.state = 2 for update of m skip locked)
update banyan_message m set progress = held.fraction, note = held.note
from held where m.position = held.position
returning m.position`

/** Of what is held: what is not ours any more, and what is to be cancelled. */
export const lookText = `
select held.position, m.position is null as lost, coalesce(m.is_cancelling, false) as cancelling
from unnest($1::bigint[], $2::integer[]) as held (position, epoch)
left join banyan_message m
  on m.position = held.position and m.epoch = held.epoch and m.state = 2
where m.position is null or m.is_cancelling`

/** Messages whose time has come. Index: banyan_message_due. */
export const promoteText = `
with due as materialized (
  select position from banyan_message
  where state in (1, 4) and due_at <= clock_timestamp()
  order by due_at limit 1000 for update skip locked)
update banyan_message m set state = 0, due_at = null from due where m.position = due.position`

/** Milliseconds until the next message is due; null where none waits for its time. */
export const nextDueText = `
select (extract(epoch from min(due_at) - clock_timestamp()) * 1000)::double precision as ms
from banyan_message where state in (1, 4)`

/** Leases that ran out: their process died or is stuck. Index: banyan_message_leased. */
export const reclaimText = `
with lost as materialized (
  select position from banyan_message
  where state = 2 and leased_until < clock_timestamp()
  order by leased_until limit 1000 for update skip locked)
update banyan_message m
set state = case when m.deaths + 1 >= $1 then 5 else 0 end,
  deaths = m.deaths + 1, epoch = m.epoch + 1, leased_by = null, leased_until = null,
  ended_at = case when m.deaths + 1 >= $1 then clock_timestamp() end,
  problem = case when m.deaths + 1 >= $1 then $2 else m.problem end
from lost where m.position = lost.position
returning m.queue, m.key, m.state`

/** Blocked messages whose predecessors are gone: who ended the last one could not see them yet. */
export const healText = `
update banyan_message m set state = 0
where m.state = 3 and m.position in (
  select min(position) from banyan_message
  where key is not null and state < 5 group by queue, key)`

/** The lease of a message, held until the end of the transaction that asks; shared, so that one run may
 *  have several transactions at once. */
export const fenceText = `
select 1 as held from banyan_message where position = $1 and epoch = $2 and state = 2 for share`

export const controlsText = `
select queue, is_paused, concurrency_max, rate_count, rate_ms from banyan_queue`

/** One process at a time counts a queue with limits. */
export const lockQueueText = `
select pg_advisory_xact_lock(hashtextextended(current_schema() || '.' || $1, 20261122))`

/** How many more of a queue may begin: $2 at once in the fleet, and of its rate, $3 in $4 ms (GCRA, that
 *  lets at most $3 begin at once; null: no limit). `again_ms`: when the rate allows the next one. */
export const allowanceText = `
select least(
    coalesce($2::bigint, 1000000) - (
      select count(*) from banyan_message where state = 2 and queue = $1),
    coalesce(floor(($4::bigint - debt_ms) * $3::bigint / nullif($4::bigint, 0)), 1000000)
  )::double precision as allowed,
  (debt_ms - $4::bigint + $4::double precision / nullif($3::bigint, 0))::double precision as again_ms
from (select greatest(0, coalesce((
    select extract(epoch from next_at - clock_timestamp()) * 1000
    from banyan_queue where queue = $1), 0))::double precision as debt_ms) as spent`

/** $2 of a queue with the rate $3 in $4 ms have begun. */
export const spendText = `
insert into banyan_queue (queue, next_at)
values ($1, clock_timestamp() + $2::bigint * $4::bigint / $3::bigint * interval '1 millisecond')
on conflict (queue) do update set next_at =
  greatest(coalesce(banyan_queue.next_at, clock_timestamp()), clock_timestamp())
  + $2::bigint * $4::bigint / $3::bigint * interval '1 millisecond'`

/** Deletes up to $2 ids that were heard longer ago than $1 ms. Index: banyan_inbox_received_at. */
export const sweepHeardText = `
delete from banyan_inbox where ctid = any(array(
  select ctid from banyan_inbox
  where received_at < clock_timestamp() - $1 * interval '1 millisecond'
  order by received_at limit $2 for update skip locked))`

/** Deletes up to $2 messages that ended longer ago than $1 ms, and their steps; parked ones stay. Index:
 *  banyan_message_ended. */
export const sweepEndedText = `
with gone as (
  delete from banyan_message where position = any(array(
    select position from banyan_message
    where state > 5 and ended_at < clock_timestamp() - $1 * interval '1 millisecond'
    order by ended_at limit $2 for update skip locked))
  returning id),
steps as (delete from banyan_step where message in (select id from gone)),
waits as (delete from banyan_wait where message in (select id from gone))
select id from gone`
