import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { type BanyanError, kindRules } from '../../kernel/index.ts'
import { front, store } from './contracts.fixture.ts'
import { onAllRoads, type ParityCase } from './parity.fixture.ts'

/** Nearly every call that can be fatal is; what a caller is told must still be true. */
const kills = { every: 2, restMs: 0 }
const calls = 30

const cases: readonly ParityCase[] = [
  {
    title: 'commands whose instances die are done once each, and every caller is answered',
    async run({ member, label, effects }) {
      const numbers = new Set<bigint>()
      for (let n = 0; n < calls; n++) {
        numbers.add((await member.of(store).write({ label })).number)
      }
      assert.equal(numbers.size, calls)
      assert.equal(await effects(), calls)
    },
  },
  {
    title: 'commands that call commands while both their instances die are done once each',
    async run({ member, label, effects }) {
      for (let n = 0; n < calls; n++) {
        const idempotencyKey = `${label}-${n}`
        const both = await member.of(front).writeTwice({ label }, { idempotencyKey })
        const again = await member.of(front).writeTwice({ label }, { idempotencyKey })
        assert.deepEqual(again, both)
      }
      assert.equal(await effects(), 2 * calls)
    },
  },
  {
    title: 'a transaction that dies with a call under way leaves nothing and is done once',
    async run({ member, label, effects }) {
      for (let n = 0; n < calls; n++) await member.of(front).writeInTransaction({ label })
      assert.equal(await effects(), calls)
    },
  },
  {
    title: 'queries whose instances die are answered',
    async run({ member, label }) {
      for (let n = 0; n < calls; n++) {
        assert.deepEqual(await member.of(store).count({ label }), { count: 0 })
        assert.deepEqual((await member.of(front).see({ label })).length, 3)
      }
    },
  },
  {
    title: 'a query whose instance dies while it waits is answered within its deadline',
    async run({ member, label }) {
      for (let n = 0; n < 5; n++) {
        const answer = await member.of(store).wait({ label, waitMs: 30 })
        assert.deepEqual(answer, { value: 'waited' })
      }
    },
  },
]

/** Asks again while that is what the error advises, as every client should: a death here costs several
 *  calls at once, and callers send only a share of them again. */
async function persist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await ask()
    } catch (error) {
      const { retry } = kindRules[(error as BanyanError).kind]
      if (retry === 'never' || attempts === 10) throw error
    }
  }
}

const crowd: readonly ParityCase[] = [
  {
    title: 'commands at the same time, asked again under their keys, are done once each',
    async run({ member, label, effects }) {
      const numbers = new Set<bigint>()
      for (let round = 0; round < 10; round++) {
        const written = Array.from({ length: calls }, (_, n) => {
          const keyed = { idempotencyKey: `${label}-${round}-${n}` }
          return persist(() => member.of(front).writeDeep({ label }, keyed))
        })
        for (const { number } of await Promise.all(written)) numbers.add(number)
      }
      assert.equal(numbers.size, 10 * calls)
      assert.equal(await effects(), 10 * calls)
    },
  },
  {
    title: 'queries at the same time are answered, some when they are asked again',
    async run({ member, label }) {
      for (let round = 0; round < 10; round++) {
        const asked = Array.from({ length: calls }, () =>
          persist(() => member.of(front).see({ label })),
        )
        for (const seen of await Promise.all(asked)) assert.equal(seen.length, 3)
      }
    },
  },
]

describe('one call after the other', () => onAllRoads(cases, { kills }))
describe('many calls at once', () => onAllRoads(crowd, { kills }))
