import assert from 'node:assert/strict'
import { front, store } from './contracts.fixture.ts'
import { onAllRoads, type ParityCase, type ParityRun } from './parity.fixture.ts'

/** What a road carries of one input or output, in bytes of JSON. */
const payloadBytesMax = 4 * 1024 * 1024
const recordedBytesMax = 256 * 1024
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** The longest text that fits into `weigh`, both ways. */
const inputLengthMax = payloadBytesMax - bytesOf({ text: '', answerLength: 0 })
const answerLengthMax = payloadBytesMax - bytesOf({ inputLength: 0, text: '' })

const noLimit = 'a call in one process is never put into bytes, so nothing limits their number'

const weigh = ({ member }: ParityRun, text: string, answerLength: number) =>
  member.of(store).weigh({ text, answerLength })

const cases: readonly ParityCase[] = [
  {
    title: 'the largest input and the largest output arrive',
    async run(run) {
      const weighed = await weigh(run, 'x'.repeat(inputLengthMax), 0)
      assert.equal(weighed.inputLength, inputLengthMax)
      assert.equal((await weigh(run, '', answerLengthMax)).text.length, answerLengthMax)
    },
  },
  {
    title: 'bytes are counted, not characters',
    differs: noLimit,
    async run(run) {
      const foxes = Math.floor(inputLengthMax / 4)
      assert.equal((await weigh(run, '🦊'.repeat(foxes), 0)).inputLength, foxes * 2)
      if (!run.road.isSplit) return
      const refused = weigh(run, '🦊'.repeat(foxes + 1), 0)
      await assert.rejects(refused, { code: 'REMOTE_INPUT_TOO_LARGE' })
    },
  },
  {
    title: 'an input of one byte more is refused, and says by how much',
    differs: noLimit,
    async run(run) {
      const text = 'x'.repeat(inputLengthMax + 1)
      if (!run.road.isSplit) return void (await weigh(run, text, 0))
      await assert.rejects(weigh(run, text, 0), {
        ...{ code: 'REMOTE_INPUT_TOO_LARGE', kind: 'invalid' },
        details: {
          ...{ operation: 'store.weigh', part: 'input' },
          ...{ bytes: payloadBytesMax + 1, limit: payloadBytesMax },
        },
      })
    },
  },
  {
    title: 'an output of one byte more is a bug of its handler',
    differs: noLimit,
    async run(run) {
      const weighed = weigh(run, '', answerLengthMax + 1)
      if (!run.road.isSplit) return void (await weighed)
      await assert.rejects(weighed, { code: 'REMOTE_OUTPUT_TOO_LARGE', kind: 'bug' })
    },
  },
  {
    title: 'what a keyed transaction answers has a limit on all roads',
    async run({ member, label }) {
      const write = (length: number) =>
        member
          .of(store)
          .record({ text: 'x'.repeat(length) }, { idempotencyKey: `${label}-${length}` })
      await write(recordedBytesMax - 1_024)
      await assert.rejects(write(recordedBytesMax), { code: 'DATA_RESULT_TOO_LARGE', kind: 'bug' })
    },
  },
  {
    title: 'what a transaction without a key answers has it where commands are given one',
    differs: 'a command that leaves its instance has a key, and what a key answers is recorded',
    async run({ member, road }) {
      const written = member.of(store).record({ text: 'x'.repeat(recordedBytesMax) })
      if (road.name === 'inline') return void (await written)
      await assert.rejects(written, { code: 'DATA_RESULT_TOO_LARGE', kind: 'bug' })
    },
  },
  {
    title: 'small calls are answered beside large ones',
    async run(run) {
      const large = Array.from({ length: 4 }, () => weigh(run, 'x'.repeat(1024 * 1024), 1))
      const small = Array.from({ length: 40 }, () => run.member.of(front).see({ label: run.label }))
      for (const seen of await Promise.all(small)) assert.equal(seen.length, 3)
      for (const { text } of await Promise.all(large)) assert.equal(text, 'a')
    },
  },
]

onAllRoads(cases)
