import assert from 'node:assert/strict'
import { front, store } from './contracts.fixture.ts'
import { member as ann, onAllRoads, type ParityCase } from './parity.fixture.ts'

const cases: readonly ParityCase[] = [
  {
    title: 'a command without a key has its effect once per call',
    async run({ member, label, effects }) {
      const first = await member.of(store).write({ label })
      const second = await member.of(store).write({ label })
      assert.ok(second.number > first.number)
      assert.ok(first.at instanceof Date)
      assert.equal(await effects(), 2)
      assert.deepEqual(await member.of(store).count({ label }), { count: 2 })
    },
  },
  {
    title: 'the same key gives the same answer, one effect',
    async run({ member, label, effects }) {
      const first = await member.of(store).write({ label }, { idempotencyKey: label })
      const again = await member.of(store).write({ label }, { idempotencyKey: label })
      assert.deepEqual(again, first)
      assert.equal(await effects(), 1)
    },
  },
  {
    title: 'the same key with another body is refused',
    async run({ member, label, effects }) {
      await member.of(store).write({ label }, { idempotencyKey: label })
      const other = member.of(store).write({ label: `${label} other` }, { idempotencyKey: label })
      await assert.rejects(other, { code: 'DATA_IDEMPOTENCY_MISMATCH', kind: 'invalid' })
      assert.equal(await effects(), 1)
      assert.equal(await effects(`${label} other`), 0)
    },
  },
  {
    title: 'a key belongs to its caller',
    async run({ app, member, label, effects }) {
      await member.of(store).write({ label }, { idempotencyKey: label })
      const ben = app.as({ ...ann, subject: 'ben' })
      await ben.of(store).write({ label }, { idempotencyKey: label })
      assert.equal(await effects(), 2)
    },
  },
  {
    title: 'duplicates at the same time give one effect and one answer',
    async run({ member, label, effects }) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          member.of(store).write({ label }, { idempotencyKey: label }),
        ),
      )
      assert.equal(new Set(answers.map(({ number }) => number)).size, 1)
      assert.equal(await effects(), 1)
    },
  },
  {
    title: 'a guessable key of an anonymous caller is refused',
    async run({ app, label, effects }) {
      const written = app.as().of(store).write({ label }, { idempotencyKey: 'short' })
      await assert.rejects(written, { code: 'CALL_KEY_GUESSABLE', kind: 'invalid' })
      assert.equal(await effects(), 0)
    },
  },
  {
    title: 'a nested command has its effect once per call, through one module and through two',
    async run({ member, label, effects }) {
      await member.of(front).write({ label })
      await member.of(front).writeDeep({ label })
      assert.equal(await effects(), 2)
      const both = await member.of(front).writeTwice({ label })
      assert.equal(new Set(both.map(({ number }) => number)).size, 2)
      assert.equal(await effects(), 4)
    },
  },
  {
    title: 'nested commands repeat under the key of their caller',
    async run({ member, label, effects }) {
      const first = await member.of(front).writeTwice({ label }, { idempotencyKey: label })
      const again = await member.of(front).writeTwice({ label }, { idempotencyKey: label })
      assert.deepEqual(again, first)
      assert.equal(await effects(), 2)
      const deep = await member.of(front).writeDeep({ label }, { idempotencyKey: label })
      assert.deepEqual(await member.of(front).writeDeep({ label }, { idempotencyKey: label }), deep)
      assert.equal(await effects(), 3)
    },
  },
  {
    title: 'a key that a handler gives to a nested call is used as it is',
    async run({ member, label, effects }) {
      const both = await member.of(front).writeKeyed({ label })
      assert.equal(new Set(both.map(({ number }) => number)).size, 1)
      assert.equal(await effects(), 1)
    },
  },
  {
    title: 'a command called in a transaction has its effect once',
    async run({ member, label, effects }) {
      const keyed = { idempotencyKey: label }
      const first = await member.of(front).writeInTransaction({ label }, keyed)
      assert.deepEqual(await member.of(front).writeInTransaction({ label }, keyed), first)
      assert.equal(await effects(), 1)
      await member.of(front).writeInTransaction({ label })
      assert.equal(await effects(), 2)
    },
  },
  {
    title: 'over HTTP a key gives the same answer, and another body is unprocessable',
    async run({ app, label, effects }) {
      const post = async (body: object) => {
        const response = await fetch(`${app.url}/effects`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${app.tokenFor(ann)}`,
            'content-type': 'application/json',
            'idempotency-key': label,
          },
          body: JSON.stringify(body),
        })
        return { status: response.status, body: await response.json() }
      }
      const first = await post({ label })
      assert.equal(first.status, 201)
      assert.deepEqual(await post({ label }), first)
      assert.equal((await post({ label: 'another' })).status, 422)
      assert.equal(await effects(), 1)
    },
  },
  {
    title: 'a schedule runs on an instance that hosts its module',
    async run({ app, effects }) {
      const before = await effects('tick')
      await app.runSchedule('store.schedules.tick')
      assert.equal(await effects('tick'), before + 1)
    },
  },
]

onAllRoads(cases)
