import assert from 'node:assert/strict'
import { front, store, type Values } from './contracts.fixture.ts'
import { onAllRoads, type ParityCase, type ParityRun } from './parity.fixture.ts'

const plain: Values = {
  text: 'Straße "1" \u2028\u0000\u001f 🦊',
  number: 0.1,
  whole: -7,
  isTrue: true,
  none: null,
  big: -(2n ** 80n),
  at: new Date('2026-01-02T03:04:05.678Z'),
  map: new Map([
    ['', 0n],
    ['__proto__', 1n],
  ]),
  dates: new Map([[2n ** 64n, new Date(0)]]),
  set: new Set(['x', '']),
  bytes: new Uint8Array([0, 255, 7]),
  lines: [
    { sku: 'A1', count: 2 },
    { sku: '', count: 0 },
  ],
  either: { kind: 'sum', sum: 1n },
  pair: ['a', new Date(-1)],
  byName: { a: new Date(8.64e15), constructor: new Date(1) },
  colour: 'blue',
  note: 'n',
  remark: null,
}
const { note: _, ...withoutNote } = plain

const fineValues: Readonly<Record<string, Values>> = {
  'every form at once': plain,
  'an optional field that is absent': withoutNote,
  'empty containers': {
    ...plain,
    ...{ map: new Map(), dates: new Map(), set: new Set(), lines: [], byName: {} },
    bytes: new Uint8Array(),
  },
  zero: { ...plain, number: 0, whole: 0, big: 0n },
  'the largest and the smallest numbers': {
    ...plain,
    ...{ number: Number.MIN_VALUE, whole: Number.MAX_SAFE_INTEGER, big: 10n ** 400n },
  },
  'dates at both ends of time': {
    ...plain,
    at: new Date(-8.64e15),
    dates: new Map([
      [1n, new Date(8.64e15)],
      [2n, new Date(-62_198_755_200_000)],
    ]),
  },
  'text in every plane': { ...plain, text: '\u{10ffff}\ufeff\u200d𝒳é\u0301\u007f\u0080\uffff' },
  'text that JSON and HTTP have words for': { ...plain, text: '\\"\r\n\u2029</script>%00\\u0000' },
  'a thousand lines': {
    ...plain,
    lines: Array.from({ length: 1_000 }, (_, count) => ({ sku: `sku ${count}`, count })),
  },
}

const roundTrips: ParityCase[] = Object.entries(fineValues).map(([name, values]) => ({
  title: `${name}: arrives equal, of a query, a command and a nested call`,
  async run({ member }: ParityRun) {
    assert.deepEqual(await member.of(store).echo(values), values)
    assert.deepEqual(await member.of(store).keep(values), values)
    assert.deepEqual(await member.of(front).echo(values), values)
  },
}))

/** Each differs from `plain` in one field. */
const badValues: Readonly<Record<string, Partial<Record<keyof Values, unknown>>>> = {
  'not a number': { number: Number.NaN },
  infinity: { number: Number.POSITIVE_INFINITY },
  'a fraction for an integer': { whole: 0.5 },
  'an integer that is not safe': { whole: 2 ** 53 },
  'an invalid date': { at: new Date(Number.NaN) },
  'a text for a date': { at: '2026-01-02T03:04:05.678Z' },
  'a text for a bigint': { big: '1' },
  'a number for a bigint': { big: 1 },
  'an object for a map': { map: { a: 1n } },
  'an array for a set': { set: ['x'] },
  'an array for bytes': { bytes: [1] },
  'a null for an optional field': { note: null },
  'undefined for a nullable field': { remark: undefined },
  'another literal': { colour: 'green' },
  'no option of a union': { either: { kind: 'sum', day: new Date(0) } },
  'a list that is too long for its tuple': { pair: ['a', new Date(0), 1] },
}

const refusals: ParityCase[] = Object.entries(badValues).map(([name, change]) => ({
  title: `${name}: refused with its place, of a query and of a command`,
  async run({ member }: ParityRun) {
    const [field = ''] = Object.keys(change)
    for (const id of ['store.echo', 'store.keep', 'front.echo']) {
      await assert.rejects(member.call(id, { ...plain, ...change }), (error) => {
        const { code, kind, details } = error as Record<string, unknown>
        assert.deepEqual([code, kind], ['CALL_INPUT_INVALID', 'invalid'])
        const { operation, issues } = details as { operation: string; issues: { path: string }[] }
        assert.equal(operation, id)
        assert.equal(issues[0]?.path.split('.')[0], field)
        return true
      })
    }
  },
}))

const others: readonly ParityCase[] = [
  {
    title: 'defaults are filled in and unknown keys are dropped',
    async run({ member }) {
      const input = { ...plain, lines: [{ sku: 'B' }], smuggled: 1 }
      const expected = { ...plain, lines: [{ sku: 'B', count: 1 }] }
      assert.deepEqual(await member.call('store.echo', input), expected)
      assert.deepEqual(await member.call('front.echo', input), expected)
    },
  },
  {
    title: 'an answer shares nothing with what was passed',
    async run({ member }) {
      const mine = structuredClone(plain)
      const answer = await member.of(front).echo(mine)
      answer.lines.push({ sku: 'later', count: 1 })
      answer.map.clear()
      answer.at.setTime(0)
      answer.bytes.fill(9)
      assert.deepEqual(mine, plain)
    },
  },
  {
    title: 'one MiB of text and as many bytes arrive equal',
    async run({ member }) {
      const text = '🦊ß'.repeat(170_000)
      const bytes = new Uint8Array(1024 * 1024).map((_, index) => index % 251)
      const large = { ...plain, text, bytes }
      assert.deepEqual(await member.of(store).echo(large), large)
      assert.deepEqual(await member.of(front).echo(large), large)
    },
  },
  {
    title: 'an optional field that is undefined arrives as undefined',
    differs: 'in one process the property stays, with the value undefined; elsewhere it is absent',
    async run({ member }) {
      const answer = await member.of(front).echo({ ...plain, note: undefined })
      assert.equal(answer.note, undefined)
      assert.deepEqual({ ...answer, note: undefined }, { ...plain, note: undefined })
    },
  },
  {
    title: 'a lone surrogate arrives as it left',
    async run({ member }) {
      const values = { ...plain, text: 'a\ud800b\udc00', set: new Set(['\udfff']) }
      assert.deepEqual(await member.of(front).echo(values), values)
    },
  },
  {
    title: 'a negative zero arrives as a zero',
    differs: 'JSON has no negative zero: it keeps its sign in one process only',
    async run({ member }) {
      const { number } = await member.of(front).echo({ ...plain, number: -0 })
      assert.equal(number === 0, true)
    },
  },
]

onAllRoads([...roundTrips, ...refusals, ...others])
