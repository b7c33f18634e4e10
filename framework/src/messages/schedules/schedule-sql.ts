/** The statements of cron schedules. Moments are bound and read in whole milliseconds. */

/** How far the schedules $1 with the timings $2 are decided, and the database's time. Index: primary key. */
export const lookText = `
select own.schedule, s.decided_until, clock_timestamp() as now
from unnest($1::text[], $2::text[]) as own (schedule, timing)
left join banyan_schedule s on s.schedule = own.schedule and s.timing = own.timing`

/** What others than $1 with $2 had is superseded at $3. */
export const supersedeText = `
update banyan_schedule set superseded_at = $3
where superseded_at is null and not exists (
  select from unnest($1::text[], $2::text[]) as own (schedule, timing)
  where own.schedule = banyan_schedule.schedule and own.timing = banyan_schedule.timing)`

/** Schedules $1 with timings $2 begin at $3. Of those that are there already nothing changes, unless they
 *  were superseded: these begin anew, at $4. */
export const adoptText = `
insert into banyan_schedule (schedule, timing, decided_until, first_seen_at)
select schedule, timing, $3::timestamptz, $3::timestamptz
from unnest($1::text[], $2::text[]) as own (schedule, timing) order by 1, 2
on conflict (schedule, timing) do update
set decided_until = greatest(banyan_schedule.decided_until, $4::timestamptz), superseded_at = null
where banyan_schedule.superseded_at is not null`

/** Decides the ticks of schedule $1 with timing $2 from $3 (not included) to $4, and records those that
 *  fire ($5). Does nothing where another process has decided them: it waits for the row's lock, and then
 *  sees another $3. @returns the ticks that are this process's to fire. Index: primary keys. */
export const decideText = `
with decided as (
  update banyan_schedule set decided_until = $4
  where schedule = $1 and timing = $2
    and date_trunc('milliseconds', decided_until) = $3 returning schedule)
insert into banyan_tick (schedule, tick)
select decided.schedule, given.tick from decided, unnest($5::timestamptz[]) as given (tick)
on conflict do nothing returning tick`

/** Deletes ticks that are older than $1 or before the last $2 of their schedule, up to $4 of each, and
 *  timings that were superseded before $3. Index: primary keys. */
export const sweepText = `
with known as materialized (select distinct schedule from banyan_schedule),
forgotten as (delete from banyan_schedule where superseded_at < $3)
delete from banyan_tick t using known cross join lateral (
  (select a.tick from banyan_tick a
   where a.schedule = known.schedule and a.tick < $1 order by a.tick limit $4)
  union
  (select b.tick from banyan_tick b
   where b.schedule = known.schedule order by b.tick desc offset $2 limit $4)) old
where t.schedule = known.schedule and t.tick = old.tick`
