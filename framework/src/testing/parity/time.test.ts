import assert from 'node:assert/strict'
import { front, store } from './contracts.fixture.ts'
import { member as ann, onAllRoads, type ParityCase } from './parity.fixture.ts'

const long = 30_000
/** What an operation of 300 ms tells a caller who waited in vain. */
const overdue = { operation: 'store.wait', timeoutMs: 300 }

const cases: readonly ParityCase[] = [
  {
    title: 'a query that overruns says that nothing was changed',
    async run({ member, label }) {
      const waited = member.of(store).wait({ label, waitMs: long })
      await assert.rejects(waited, {
        ...{ code: 'CALL_DEADLINE_EXCEEDED', kind: 'unavailable', details: overdue },
      })
    },
  },
  {
    title: 'a command that overruns says that it may have happened',
    async run({ member, label }) {
      const waited = member.of(store).waitCommand({ label, waitMs: long })
      await assert.rejects(waited, {
        ...{ code: 'CALL_OUTCOME_UNKNOWN', kind: 'unknown_outcome' },
        details: { ...overdue, operation: 'store.waitCommand' },
      })
    },
  },
  {
    title: 'a handler that does not listen to its signal holds up nobody beyond the deadline',
    async run({ app, member, label }) {
      const { clock } = app.world
      const startMs = clock.monotonicMs()
      const waited = member.of(store).wait({ label, waitMs: 1_500, isDeaf: true })
      await assert.rejects(waited, { code: 'CALL_DEADLINE_EXCEEDED' })
      assert.ok(clock.monotonicMs() - startMs < 1_400)
    },
  },
  {
    title: 'a caller may lower the timeout, and the callee is told to stop',
    async run({ app, member, label, observed }) {
      const { clock } = app.world
      const startMs = clock.monotonicMs()
      const waited = member.of(store).waitLong({ label, waitMs: long }, { timeoutMs: 100 })
      await assert.rejects(waited, { code: 'CALL_DEADLINE_EXCEEDED' })
      assert.ok(clock.monotonicMs() - startMs < 1_000)
      await observed.until(label, 'begun')
      await Promise.race([
        observed.until(label, 'aborted: unavailable'),
        observed.until(label, 'aborted: cancelled'),
      ])
    },
  },
  {
    title: 'a caller cannot raise the timeout',
    async run({ member, label }) {
      const waited = member.of(store).wait({ label, waitMs: long }, { timeoutMs: 20_000 })
      await assert.rejects(waited, { code: 'CALL_DEADLINE_EXCEEDED' })
    },
  },
  {
    title: 'a nested call with a lowered timeout ends alone, and its caller goes on',
    async run({ member, label }) {
      const caught = await member.of(front).waitBrief({ label, waitMs: long })
      assert.deepEqual([caught.code, caught.kind], ['CALL_DEADLINE_EXCEEDED', 'unavailable'])
    },
  },
  {
    title: 'the deadline of a caller ends what it calls',
    async run({ member, label, observed }) {
      const waited = member.of(front).waitShort({ label, waitMs: long })
      await assert.rejects(waited, { code: 'CALL_DEADLINE_EXCEEDED' })
      await Promise.race([
        observed.until(label, 'aborted: unavailable'),
        observed.until(label, 'aborted: cancelled'),
      ])
    },
  },
  {
    title: 'what is left of a deadline travels down, and does not grow',
    differs: 'a road carries whole milliseconds, rounded up: one at most is won per hop',
    async run({ member, label, road }) {
      const [outer, lowered, deep] = await member.of(front).see({ label }, { timeoutMs: 4_000 })
      assert.ok(outer !== undefined && lowered !== undefined && deep !== undefined)
      assert.ok(outer.remainingMs <= 4_000 && outer.remainingMs > 2_000)
      const wonMs = road.isSplit ? 2 : 0
      assert.ok(deep.remainingMs <= outer.remainingMs + wonMs)
      assert.ok(lowered.remainingMs <= 1_000 && lowered.remainingMs > 0)
    },
  },
  {
    title: 'a client that goes away reaches the signal of a handler, two calls below',
    differs: 'the reason is the edge’s own in one process, and CALL_CALLER_GONE beyond a road',
    async run({ app, label, observed }) {
      const gone = new AbortController()
      const asked = fetch(`${app.url}/waits/${label}?waitMs=${long}`, {
        headers: { authorization: `Bearer ${app.tokenFor(ann)}` },
        signal: gone.signal,
      })
      await observed.until(label, 'begun')
      gone.abort()
      await assert.rejects(asked)
      await observed.until(label, 'aborted: cancelled')
    },
  },
  {
    title: 'a handler that ends in time is not told to stop',
    async run({ member, label, observed, road }) {
      assert.deepEqual(await member.of(store).wait({ label, waitMs: 20 }), { value: 'waited' })
      const aborts = observed.of(label).filter((fact) => fact.startsWith('aborted'))
      if (!road.isDeadly) assert.deepEqual(aborts, [])
    },
  },
]

onAllRoads(cases)
