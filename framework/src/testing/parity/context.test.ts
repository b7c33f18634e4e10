import assert from 'node:assert/strict'
import { front, store } from './contracts.fixture.ts'
import { member as ann, onAllRoads, type ParityCase } from './parity.fixture.ts'

const anonymousKey = '5f0c1e7a-6f0e-4a57-9d8e-2b1c6a4f9e10'

const cases: readonly ParityCase[] = [
  {
    title: 'who asks arrives, directly and two calls below',
    async run({ member, label }) {
      const direct = await member.of(store).see({ label })
      assert.deepEqual([direct.subject, direct.roles], [ann.subject, ann.roles])
      for (const seen of await member.of(front).see({ label })) {
        assert.deepEqual([seen.subject, seen.roles], [ann.subject, ann.roles])
      }
    },
  },
  {
    title: 'a principal of unusual text arrives as it is',
    async run({ app, label }) {
      const principal = { subject: 'Ünal "7"\u2028🦊', roles: ['member', 'Käufer, "x"'] }
      const seen = await app.as(principal).of(store).see({ label })
      assert.deepEqual([seen.subject, seen.roles], [principal.subject, principal.roles])
    },
  },
  {
    title: 'nobody arrives as nobody',
    async run({ app, label }) {
      const seen = await app.as().of(front).see({ label })
      assert.deepEqual(new Set(seen.map(({ subject }) => subject)), new Set(['']))
    },
  },
  {
    title: 'one trace goes through all calls, and another one through the next',
    async run({ member, label }) {
      const traces = (await member.of(front).see({ label })).map(({ traceId }) => traceId)
      assert.equal(new Set(traces).size, 1)
      assert.match(traces[0] ?? '', /^[0-9a-f]{32}$/)
      const [other] = await member.of(front).see({ label })
      assert.notEqual(other?.traceId, traces[0])
    },
  },
  {
    title: 'criticality travels with a call, unless the operation has its own',
    async run({ member, label }) {
      const nested = await member.of(front).see({ label })
      assert.deepEqual(
        nested.map(({ criticality }) => criticality),
        ['critical', 'critical', 'critical'],
      )
      assert.equal((await member.of(store).see({ label })).criticality, 'default')
    },
  },
  {
    title: 'a key reaches the command it was given to and those that it calls, and no query',
    async run({ app, member, label }) {
      const keyed = { idempotencyKey: anonymousKey }
      assert.ok((await member.of(store).seeCommand({ label }, keyed)).hasKey)
      assert.ok((await member.of(front).seeCommand({ label }, keyed)).hasKey)
      assert.ok((await app.as().of(store).seeCommand({ label }, keyed)).hasKey)
      for (const { hasKey } of await member.of(front).see({ label })) assert.equal(hasKey, false)
    },
  },
  {
    title: 'a command without a key runs without one in one process, with a new one elsewhere',
    differs: 'what may have to be sent twice needs a key; a call in one process never has to',
    async run({ member, label, road }) {
      const { hasKey } = await member.of(store).seeCommand({ label })
      assert.equal(hasKey, road.name !== 'inline')
    },
  },
]

onAllRoads(cases)
