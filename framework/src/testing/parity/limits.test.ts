import assert from 'node:assert/strict'
import { store } from './contracts.fixture.ts'
import { onAllRoads, type ParityCase } from './parity.fixture.ts'

const mebibyte = 1024 * 1024

const cases: readonly ParityCase[] = [
  {
    title: 'three MiB go in and come out',
    async run({ member }) {
      const text = 'x'.repeat(3 * mebibyte)
      const weighed = await member.of(store).weigh({ text, answerLength: 3 * mebibyte })
      assert.deepEqual([weighed.inputLength, weighed.text.length], [text.length, 3 * mebibyte])
    },
  },
]

onAllRoads(cases, { killsMin: 1 })
