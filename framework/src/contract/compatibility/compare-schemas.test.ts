import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { describeWire } from '../wire-schema.ts'
import { type Direction, judge, type Severity } from './change.ts'
import { compareSchemas } from './compare-schemas.ts'

/** `severity place change`, one line per difference. */
function differences(direction: Direction, before: z.ZodType, after: z.ZodType): string[] {
  const [one, other] = [describeWire(before, direction), describeWire(after, direction)]
  return compareSchemas(one, other, direction).map((difference) => {
    const { severity, place, change } = judge(difference, direction)
    return `${severity} ${place} ${change}`
  })
}

/** A rule with an example; both ways of it are planted, in both directions. */
interface Rule {
  readonly title: string
  readonly before: z.ZodType
  readonly after: z.ZodType
  readonly input: readonly string[]
  readonly output: readonly string[]
  /** The same pair the other way round. */
  readonly inputBack: readonly string[]
  readonly outputBack: readonly string[]
}

const a = z.object({ a: z.string() })
const leaf = z.object({ kind: z.literal('leaf'), value: z.string() })
const node = z.object({ kind: z.literal('node'), size: z.int() })
const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree)
  },
})
const WiderTree = z.object({
  name: z.string().nullable(),
  get children() {
    return z.array(WiderTree)
  },
})

const rules: readonly Rule[] = [
  {
    title: 'a required field',
    before: a,
    after: z.object({ a: z.string(), b: z.int() }),
    input: ['breaking input.b required field added'],
    output: ['safe output.b required field added'],
    inputBack: ['breaking input.b field removed'],
    outputBack: ['breaking output.b field removed'],
  },
  {
    title: 'an optional field',
    before: a,
    after: z.object({ a: z.string(), b: z.int().optional() }),
    input: ['safe input.b optional field added'],
    output: ['safe output.b optional field added'],
    inputBack: ['breaking input.b field removed'],
    outputBack: ['breaking output.b field removed'],
  },
  {
    title: 'a field that becomes optional',
    before: a,
    after: z.object({ a: z.string().optional() }),
    input: ['safe input.a field became optional'],
    output: ['breaking output.a field became optional'],
    inputBack: ['breaking input.a field became required'],
    outputBack: ['safe output.a field became required'],
  },
  {
    title: 'a default, which an answer always has',
    before: a,
    after: z.object({ a: z.string().default('x') }),
    input: ['safe input.a default added'],
    output: [],
    inputBack: ['breaking input.a field became required'],
    outputBack: [],
  },
  {
    title: 'a default that goes away where the field stays optional',
    before: z.object({ a: z.string().default('x') }),
    after: z.object({ a: z.string().optional() }),
    input: ['breaking input.a default removed'],
    output: ['breaking output.a field became optional'],
    inputBack: ['safe input.a default added'],
    outputBack: ['safe output.a field became required'],
  },
  {
    title: 'another default',
    before: z.object({ a: z.string().default('x') }),
    after: z.object({ a: z.string().default('y') }),
    input: ['breaking input.a default changed'],
    output: [],
    inputBack: ['breaking input.a default changed'],
    outputBack: [],
  },
  {
    title: 'another type',
    before: a,
    after: z.object({ a: z.boolean() }),
    input: ['breaking input.a type changed from string to boolean'],
    output: ['breaking output.a type changed from string to boolean'],
    inputBack: ['breaking input.a type changed from boolean to string'],
    outputBack: ['breaking output.a type changed from boolean to string'],
  },
  {
    title: 'another type that travels as the same one',
    before: a,
    after: z.object({ a: z.bigint() }),
    input: ['breaking input.a type changed from string to bigint'],
    output: ['breaking output.a type changed from string to bigint'],
    inputBack: ['breaking input.a type changed from bigint to string'],
    outputBack: ['breaking output.a type changed from bigint to string'],
  },
  {
    title: 'a date that was text',
    before: a,
    after: z.object({ a: z.date() }),
    input: ['breaking input.a type changed from string to date'],
    output: ['breaking output.a type changed from string to date'],
    inputBack: ['breaking input.a type changed from date to string'],
    outputBack: ['breaking output.a type changed from date to string'],
  },
  {
    title: 'a bound of bigints',
    before: z.bigint().min(1n),
    after: z.bigint().min(2n),
    input: ['breaking input minimum changed from 1 to 2'],
    output: ['safe output minimum changed from 1 to 2'],
    inputBack: ['safe input minimum changed from 2 to 1'],
    outputBack: ['breaking output minimum changed from 2 to 1'],
  },
  {
    title: 'a bound of bigints that was not there',
    before: z.bigint(),
    after: z.bigint().lt(0n),
    input: ['breaking input exclusive-maximum changed from none to 0'],
    output: ['safe output exclusive-maximum changed from none to 0'],
    inputBack: ['safe input exclusive-maximum changed from 0 to none'],
    outputBack: ['breaking output exclusive-maximum changed from 0 to none'],
  },
  {
    title: 'a bound of dates',
    before: z.date().max(new Date('2030-01-01')),
    after: z.date(),
    input: ['safe input maximum changed from 2030-01-01T00:00:00.000Z to none'],
    output: ['breaking output maximum changed from 2030-01-01T00:00:00.000Z to none'],
    inputBack: ['breaking input maximum changed from none to 2030-01-01T00:00:00.000Z'],
    outputBack: ['safe output maximum changed from none to 2030-01-01T00:00:00.000Z'],
  },
  {
    title: 'null',
    before: a,
    after: z.object({ a: z.string().nullable() }),
    input: ['safe input.a also null'],
    output: ['breaking output.a also null'],
    inputBack: ['breaking input.a no longer null'],
    outputBack: ['safe output.a no longer null'],
  },
  {
    title: 'a value of an enum',
    before: z.enum(['red', 'green']),
    after: z.enum(['red', 'green', 'blue']),
    input: ['safe input value "blue" added'],
    output: ['breaking output value "blue" added'],
    inputBack: ['breaking input value "blue" removed'],
    outputBack: ['safe output value "blue" removed'],
  },
  {
    title: 'an enum that opens to any text',
    before: z.enum(['red', 'green']),
    after: z.string(),
    input: ['safe input became open to any value'],
    output: ['breaking output became open to any value'],
    inputBack: ['breaking input became a closed set of values'],
    outputBack: ['safe output became a closed set of values'],
  },
  {
    title: 'an enum beside text with rules, which cannot be decided',
    before: z.enum(['red', 'green']),
    after: z.string().min(4),
    input: ['breaking input became open to any value'],
    output: ['breaking output became open to any value'],
    inputBack: ['breaking input became a closed set of values'],
    outputBack: ['breaking output became a closed set of values'],
  },
  {
    title: 'a lower bound of a number',
    before: z.number().min(1),
    after: z.number().min(2),
    input: ['breaking input minimum changed from 1 to 2'],
    output: ['safe output minimum changed from 1 to 2'],
    inputBack: ['safe input minimum changed from 2 to 1'],
    outputBack: ['breaking output minimum changed from 2 to 1'],
  },
  {
    title: 'an upper bound of a number',
    before: z.number(),
    after: z.number().lt(9),
    input: ['breaking input exclusiveMaximum changed from none to 9'],
    output: ['safe output exclusiveMaximum changed from none to 9'],
    inputBack: ['safe input exclusiveMaximum changed from 9 to none'],
    outputBack: ['breaking output exclusiveMaximum changed from 9 to none'],
  },
  {
    title: 'whole numbers',
    before: z.number().min(0).max(9),
    after: z.int().min(0).max(9),
    input: ['breaking input type changed from number to integer'],
    output: ['safe output type changed from number to integer'],
    inputBack: ['safe input type changed from integer to number'],
    outputBack: ['breaking output type changed from integer to number'],
  },
  {
    title: 'a step of numbers',
    before: z.number().multipleOf(5),
    after: z.number().multipleOf(10),
    input: ['breaking input multipleOf changed from 5 to 10'],
    output: ['safe output multipleOf changed from 5 to 10'],
    inputBack: ['safe input multipleOf changed from 10 to 5'],
    outputBack: ['breaking output multipleOf changed from 10 to 5'],
  },
  {
    title: 'the length of text',
    before: z.string().min(1).max(5),
    after: z.string().min(2).max(6),
    input: [
      'breaking input minLength changed from 1 to 2',
      'safe input maxLength changed from 5 to 6',
    ],
    output: [
      'safe output minLength changed from 1 to 2',
      'breaking output maxLength changed from 5 to 6',
    ],
    inputBack: [
      'safe input minLength changed from 2 to 1',
      'breaking input maxLength changed from 6 to 5',
    ],
    outputBack: [
      'breaking output minLength changed from 2 to 1',
      'safe output maxLength changed from 6 to 5',
    ],
  },
  {
    title: 'a pattern',
    before: z.string(),
    after: z.string().regex(/^a/),
    input: ['breaking input pattern added'],
    output: ['safe output pattern added'],
    inputBack: ['safe input pattern removed'],
    outputBack: ['breaking output pattern removed'],
  },
  {
    title: 'another pattern, which cannot be decided',
    before: z.string().regex(/^a/),
    after: z.string().regex(/^ab?/),
    input: ['breaking input pattern changed'],
    output: ['breaking output pattern changed'],
    inputBack: ['breaking input pattern changed'],
    outputBack: ['breaking output pattern changed'],
  },
  {
    title: 'the number of items',
    before: z.array(z.string()).max(3),
    after: z.array(z.string()).max(2),
    input: ['breaking input maxItems changed from 3 to 2'],
    output: ['safe output maxItems changed from 3 to 2'],
    inputBack: ['safe input maxItems changed from 2 to 3'],
    outputBack: ['breaking output maxItems changed from 2 to 3'],
  },
  {
    title: 'items, at their place',
    before: z.object({ lines: z.array(z.object({ count: z.int().min(1) })) }),
    after: z.object({ lines: z.array(z.object({ count: z.int().min(0) })) }),
    input: ['safe input.lines[].count minimum changed from 1 to 0'],
    output: ['breaking output.lines[].count minimum changed from 1 to 0'],
    inputBack: ['breaking input.lines[].count minimum changed from 0 to 1'],
    outputBack: ['safe output.lines[].count minimum changed from 0 to 1'],
  },
  {
    title: 'an item of a tuple',
    before: z.tuple([z.string(), z.number()]),
    after: z.tuple([z.string(), z.number().min(0)]),
    input: ['breaking input[1] minimum changed from none to 0'],
    output: ['safe output[1] minimum changed from none to 0'],
    inputBack: ['safe input[1] minimum changed from 0 to none'],
    outputBack: ['breaking output[1] minimum changed from 0 to none'],
  },
  {
    title: 'the length of a tuple',
    before: z.tuple([z.string()]),
    after: z.tuple([z.string(), z.string()]),
    input: ['breaking input length changed from 1 to 2'],
    output: ['breaking output length changed from 1 to 2'],
    inputBack: ['breaking input length changed from 2 to 1'],
    outputBack: ['breaking output length changed from 2 to 1'],
  },
  {
    title: 'further items of a tuple',
    before: z.tuple([z.string()]).rest(z.string()),
    after: z.tuple([z.string()]).rest(z.string().max(3)),
    input: ['breaking input[] maxLength changed from none to 3'],
    output: ['safe output[] maxLength changed from none to 3'],
    inputBack: ['safe input[] maxLength changed from 3 to none'],
    outputBack: ['breaking output[] maxLength changed from 3 to none'],
  },
  {
    title: 'a set that was an array',
    before: z.array(z.string()),
    after: z.set(z.string()),
    input: ['breaking input type changed from array to set'],
    output: ['breaking output type changed from array to set'],
    inputBack: ['breaking input type changed from set to array'],
    outputBack: ['breaking output type changed from set to array'],
  },
  {
    title: 'the values of a record',
    before: z.record(z.string(), z.number().min(1)),
    after: z.record(z.string(), z.number()),
    input: ['safe input{*} minimum changed from 1 to none'],
    output: ['breaking output{*} minimum changed from 1 to none'],
    inputBack: ['breaking input{*} minimum changed from none to 1'],
    outputBack: ['safe output{*} minimum changed from none to 1'],
  },
  {
    title: 'the keys of a record',
    before: z.record(z.string(), z.int()),
    after: z.record(z.string().max(3), z.int()),
    input: ['breaking input{key} maxLength changed from none to 3'],
    output: ['safe output{key} maxLength changed from none to 3'],
    inputBack: ['safe input{key} maxLength changed from 3 to none'],
    outputBack: ['breaking output{key} maxLength changed from 3 to none'],
  },
  {
    title: 'the values of a map',
    before: z.map(z.string(), z.number().min(1)),
    after: z.map(z.string(), z.number()),
    input: ['safe input[][1] minimum changed from 1 to none'],
    output: ['breaking output[][1] minimum changed from 1 to none'],
    inputBack: ['breaking input[][1] minimum changed from none to 1'],
    outputBack: ['safe output[][1] minimum changed from none to 1'],
  },
  {
    title: 'other fields that are refused',
    before: a,
    after: a.strict(),
    input: ['breaking input other fields refused'],
    output: [],
    inputBack: ['safe input other fields allowed'],
    outputBack: [],
  },
  {
    title: 'a field of an object that refuses others',
    before: a.strict(),
    after: z.strictObject({ a: z.string(), b: z.int().optional() }),
    input: ['safe input.b optional field added'],
    output: ['safe output.b optional field added'],
    inputBack: ['breaking input.b field removed'],
    outputBack: ['breaking output.b field removed'],
  },
  {
    title: 'other fields that are kept',
    before: a,
    after: a.loose(),
    input: ['safe input other fields kept'],
    output: ['safe output other fields kept'],
    inputBack: ['breaking input other fields dropped'],
    outputBack: ['breaking output other fields dropped'],
  },
  {
    title: 'an alternative of a union',
    before: z.union([z.string(), z.int()]),
    after: z.union([z.string(), z.int(), z.boolean()]),
    input: ['safe input also boolean'],
    output: ['breaking output also boolean'],
    inputBack: ['breaking input no longer boolean'],
    outputBack: ['safe output no longer boolean'],
  },
  {
    title: 'an alternative of a discriminated union',
    before: z.discriminatedUnion('kind', [leaf]),
    after: z.discriminatedUnion('kind', [node, leaf]),
    input: ['safe input also object'],
    output: ['breaking output also object'],
    inputBack: ['breaking input no longer object'],
    outputBack: ['safe output no longer object'],
  },
  {
    title: 'a field within an alternative',
    before: z.discriminatedUnion('kind', [leaf, node]),
    after: z.discriminatedUnion('kind', [node, leaf.extend({ value: z.string().max(3) })]),
    input: ['breaking input.value maxLength changed from none to 3'],
    output: ['safe output.value maxLength changed from none to 3'],
    inputBack: ['safe input.value maxLength changed from 3 to none'],
    outputBack: ['breaking output.value maxLength changed from 3 to none'],
  },
  {
    title: 'anything at all',
    before: z.string(),
    after: z.unknown(),
    input: ['safe input anything now'],
    output: ['breaking output anything now'],
    inputBack: ['breaking input only string now'],
    outputBack: ['safe output only string now'],
  },
  {
    title: 'a recursive schema, once',
    before: Tree,
    after: WiderTree,
    input: ['safe input.name also null'],
    output: ['breaking output.name also null'],
    inputBack: ['breaking input.name no longer null'],
    outputBack: ['safe output.name no longer null'],
  },
  {
    title: 'a recursive schema within another',
    before: z.object({ root: Tree }),
    after: z.object({ root: WiderTree }),
    input: ['safe input.root.name also null'],
    output: ['breaking output.root.name also null'],
    inputBack: ['breaking input.root.name no longer null'],
    outputBack: ['safe output.root.name no longer null'],
  },
]

for (const { title, before, after, input, output, inputBack, outputBack } of rules) {
  test(`the comparison judges ${title}`, () => {
    assert.deepEqual(differences('input', before, after), input)
    assert.deepEqual(differences('output', before, after), output)
    assert.deepEqual(differences('input', after, before), inputBack)
    assert.deepEqual(differences('output', after, before), outputBack)
  })
}

test('each rule is planted both ways: something breaks in one direction and passes in the other', () => {
  const all = rules.flatMap((rule) => [
    ...rule.input,
    ...rule.output,
    ...rule.inputBack,
    ...rule.outputBack,
  ])
  const count = (severity: Severity): number =>
    all.filter((line) => line.startsWith(severity)).length
  assert.ok(count('breaking') > 60)
  assert.ok(count('safe') > 40)
})

test('a keyword that the comparison does not know counts as breaking where it differs', () => {
  const found = compareSchemas(
    { type: 'object', dependentRequired: { a: ['b'] } },
    { type: 'object', dependentRequired: { a: ['c'] } },
    'input',
  )
  assert.deepEqual(
    found.map((one) => [one.change, judge(one, 'input').severity, judge(one, 'output').severity]),
    [['dependentRequired changed', 'breaking', 'breaking']],
  )
})

test('alternatives that cannot be paired count as removed and added', () => {
  const first = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])
  const second = z.union([z.object({ a: z.int() }), z.object({ b: z.int() })])
  assert.deepEqual(differences('input', first, second), [
    'breaking input no longer object',
    'breaking input no longer object',
    'safe input also object',
    'safe input also object',
  ])
})

test('text for people is not compared', () => {
  assert.deepEqual(differences('input', a, a.describe('documented now')), [])
  assert.deepEqual(differences('input', a.meta({ title: 'One' }), a.meta({ title: 'Two' })), [])
})
