/** The statements over `banyan_step`, `banyan_wait` and `banyan_heard`. What changes records of a saga looks
 *  first whether its message is still held ($1 position, $2 epoch; $3 false in negative controls), and
 *  keeps it held until it is committed. Time is the database's throughout. */

const held = `
held as materialized (
  select position, id from banyan_message
  where position = $1 and (not $3::boolean or epoch = $2 and state = 2) for share)`

const dueInMs = `(extract(epoch from due_at - clock_timestamp()) * 1000)::double precision as due_in_ms`

/** All records of a saga. Indexes: the primary keys. */
export const historyText: string = `
select 'step' as source, number, done_at, name, kind, result, has_undo, is_undone, ${dueInMs}
from banyan_step where message = $1
union all
select 'wait', number, due_at, name, 0, payload, false, false,
  case when heard is null and not is_timed_out then
    (extract(epoch from due_at - clock_timestamp()) * 1000)::double precision end
from banyan_wait where message = $1
order by number, done_at`

export const cancellingText = `
select is_cancelling from banyan_message where position = $1`

/** Records steps of many sagas, each under the lease of its message ($3 false in negative controls). */
export const stepsText = `
with given as (
  select * from unnest($1::bigint[], $2::integer[], $3::boolean[], $4::text[], $5::integer[],
    $6::text[], $7::boolean[])
    as g (position, epoch, is_fenced, name, number, result, has_undo)),
held as materialized (
  select m.id, g.* from given g join banyan_message m on m.position = g.position
    and (not g.is_fenced or g.epoch = m.epoch and m.state = 2)
  for share of m),
recorded as (
  insert into banyan_step (message, name, number, result, has_undo)
  select id, name, number, result, has_undo from held
  on conflict (message, name) do nothing returning message, name)
select h.position, h.name from held h join recorded r on r.message = h.id and r.name = h.name`

export const sleepText: string = `
with ${held}
insert into banyan_step (message, name, number, kind, due_at)
select id, $4, $5, 1, clock_timestamp() + $6 * interval '1 millisecond' from held
on conflict (message, name) do nothing returning name, ${dueInMs}`

export const waitText: string = `
with ${held}
insert into banyan_wait (message, name, number, position, event, key, due_at)
select id, $4, $5, position, $6, $7, clock_timestamp() + $8 * interval '1 millisecond' from held
on conflict (message, name) do nothing returning name, ${dueInMs}`

/** Ends a wait that nothing has answered. */
export const timeOutText: string = `
with ${held}
update banyan_wait w set is_timed_out = true
from held where w.message = held.id and w.name = $4 and w.heard is null
returning w.name`

export const payloadText = `select payload from banyan_wait where message = $1 and name = $2`

export const undoneText: string = `
with ${held}
update banyan_step s set is_undone = true
from held where s.message = held.id and s.name = $4
returning s.name`

/** Records that a saga failed, once, and takes back that it is to be cancelled: from now on it is undone. */
export const failText: string = `
with ${held},
failed as (
  insert into banyan_step (message, name, number, kind, result)
  select id, '', $4, 2, $5 from held
  on conflict (message, name) do nothing)
update banyan_message m set is_cancelling = false
from held where m.position = held.position
returning m.position`

/** Who begins a wait and who hears an event with its key go one after the other: one of both sees the other. */
export const lockKeysText = `
select pg_advisory_xact_lock(lock) from (
  select distinct hashtextextended(current_schema() || '.' || event || ' ' || key, 20261123) as lock
  from unnest($1::text[], $2::text[]) as heard (event, key) order by lock) as locks`

/** Keeps what was heard, once each. */
export const hearText = `
insert into banyan_heard (id, event, key, payload)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
on conflict (id) do nothing`

/** Answers open waits of the events and keys by what was heard since the begin of their sagas: per saga,
 *  the first wait by the first event that has not answered another one of it. Indexes: banyan_wait_open,
 *  banyan_heard_key. */
export const answerText = `
with waiting as (
  select w.message, w.name, w.event, w.key, m.created_at as since,
    row_number() over (partition by w.message, w.event, w.key order by w.number, w.name) as turn
  from banyan_wait w join banyan_message m on m.position = w.position
  where w.heard is null and not w.is_timed_out
    and (w.event, w.key) in (select * from unnest($1::text[], $2::text[]))),
fresh as (
  select s.message, h.event, h.key, h.id, h.payload,
    row_number() over (partition by s.message, h.event, h.key order by h.position) as turn
  from (select distinct message, event, key, since from waiting) as s
  join banyan_heard h on h.event = s.event and h.key = s.key and h.heard_at >= s.since
  where not exists (select from banyan_wait u where u.message = s.message and u.heard = h.id))
update banyan_wait w set heard = f.id, payload = f.payload
from waiting s join fresh f
  on f.message = s.message and f.event = s.event and f.key = s.key and f.turn = s.turn
where w.message = s.message and w.name = s.name and w.heard is null and not w.is_timed_out
returning w.message, w.name, w.position, w.payload`

/** Sagas that wait for an event go on. One that is about to wait, but does not yet, is not here: whoever
 *  lets it wait looks at openWaitsText. */
export const wakeText = `
update banyan_message set state = 0, due_at = null
where position = any($1::bigint[]) and state = 4`

/** Those of the waits ($1 message, $2 name) that nothing has answered yet. Holds them, so that what answers
 *  one comes after the wait of its message. Index: the primary key. */
export const openWaitsText = `
select message, name from banyan_wait
where (message, name) in (select * from unnest($1::uuid[], $2::text[]))
  and heard is null and not is_timed_out
order by message, name for update`

/** Deletes up to $2 events that were heard longer ago than $1 ms. Index: banyan_heard_heard_at. */
export const sweepAwaitedText = `
delete from banyan_heard where position = any(array(
  select position from banyan_heard
  where heard_at < clock_timestamp() - $1 * interval '1 millisecond'
  order by heard_at limit $2 for update skip locked))`

export const messageText = `
select id, queue, version, payload, state from banyan_message where id = $1`
