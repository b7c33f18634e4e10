import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { judge } from './change.ts'
import { compareSchemas } from './compare-schemas.ts'
import { differences, testRules } from './schema-rules.fixture.ts'

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

testRules([
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
    title: 'null',
    before: a,
    after: z.object({ a: z.string().nullable() }),
    input: ['safe input.a also null'],
    output: ['breaking output.a also null'],
    inputBack: ['breaking input.a no longer null'],
    outputBack: ['safe output.a no longer null'],
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
])

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
