import assert from 'node:assert/strict'
import { store } from './contracts.fixture.ts'
import { onAllRoads, type ParityCase } from './parity.fixture.ts'

const inFlightMax = 4

const cases: readonly ParityCase[] = [
  {
    title: 'calls beyond the limit are refused at once, the others are answered',
    async run({ app, member, label }) {
      const { clock } = app.world
      const startMs = clock.monotonicMs()
      const asked = Array.from({ length: inFlightMax + 3 }, () =>
        member.of(store).waitLong({ label, waitMs: 300 }),
      )
      const refused: unknown[] = []
      for (const call of asked.slice(inFlightMax)) {
        await assert.rejects(call, (error) => refused.push(error) > 0)
      }
      assert.ok(clock.monotonicMs() - startMs < 250)
      for (const error of refused) {
        const { code, kind, details } = error as Record<string, unknown>
        assert.deepEqual([code, kind], ['CALL_OVERLOADED', 'unavailable'])
        assert.deepEqual(details, { limit: inFlightMax })
      }
      const answers = await Promise.all(asked.slice(0, inFlightMax))
      assert.equal(answers.length, inFlightMax)
      assert.deepEqual(await member.of(store).wait({ label, waitMs: 1 }), { value: 'waited' })
    },
  },
]

onAllRoads(cases, { inFlightMax, killsMin: 1 })
