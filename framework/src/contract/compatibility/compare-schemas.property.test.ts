import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { describeWire } from '../wire-schema.ts'
import { compileSchema } from '../../schema/index.ts'
import { type Direction, judge } from './change.ts'
import { compareSchemas } from './compare-schemas.ts'

/** Two versions of a schema that differ a little, and values in wire form for the first. */
interface Versions {
  readonly before: z.ZodType
  readonly after: z.ZodType
  readonly wire: fc.Arbitrary<unknown>
}

const few = fc.integer({ min: 0, max: 4 })

function bounded(min: number, more: number): z.ZodInt {
  return z
    .int()
    .min(min)
    .max(min + more)
}

const leaf: fc.Arbitrary<Versions> = fc.oneof(
  fc.tuple(few, few, few, few).map(([min, more, otherMin, otherMore]) => ({
    before: bounded(min, more),
    after: bounded(otherMin, otherMore),
    wire: fc.integer({ min, max: min + more }),
  })),
  fc.tuple(few, few).map(([max, other]) => ({
    before: z.string().max(max),
    after: z.string().max(other),
    wire: fc.string({ unit: 'grapheme-ascii', maxLength: max }),
  })),
  fc
    .tuple(
      fc.subarray(['red', 'green', 'blue'], { minLength: 1 }),
      fc.subarray(['red', 'green', 'blue'], { minLength: 1 }),
    )
    .map(([one, other]) => ({
      before: z.enum(one),
      after: z.enum(other),
      wire: fc.constantFrom(...one),
    })),
  fc.constantFrom<Versions>(
    { before: z.enum(['a', 'b']), after: z.string(), wire: fc.constantFrom('a', 'b') },
    { before: z.string(), after: z.enum(['a', 'b']), wire: fc.constantFrom('a', 'b', 'c') },
    { before: z.int(), after: z.number(), wire: fc.integer() },
    {
      before: z.number(),
      after: z.int(),
      wire: fc.double({ noNaN: true, noDefaultInfinity: true }),
    },
    { before: z.boolean(), after: z.string(), wire: fc.boolean() },
    { before: z.bigint(), after: z.bigint(), wire: fc.bigInt().map(String) },
    { before: z.string(), after: z.unknown(), wire: fc.constant('x') },
  ),
)

type Presence = 'required' | 'optional' | 'defaulted' | 'missing'
const presence = fc.constantFrom<Presence>(
  'required',
  'required',
  'optional',
  'defaulted',
  'missing',
)

const versions: fc.Arbitrary<Versions> = fc.letrec<{ node: Versions; deep: Versions }>((tie) => ({
  node: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie('deep')),
  deep: fc.oneof(
    fc.tuple(tie('node'), fc.boolean(), fc.boolean()).map(([node, one, other]) => ({
      before: one ? node.before.nullable() : node.before,
      after: other ? node.after.nullable() : node.after,
      wire: one ? fc.option(node.wire) : node.wire,
    })),
    fc.tuple(tie('node'), few, few).map(([node, max, other]) => ({
      before: z.array(node.before).max(max),
      after: z.array(node.after).max(other),
      wire: fc.array(node.wire, { maxLength: max }),
    })),
    tie('node').map((node) => ({
      before: z.record(z.string(), node.before),
      after: z.record(z.string(), node.after),
      wire: fc.dictionary(fc.constantFrom('a', 'b'), node.wire),
    })),
    fc.array(fc.tuple(tie('node'), presence, presence), { maxLength: 3 }).map(objects),
    fc.tuple(tie('node'), tie('node'), fc.boolean(), fc.boolean()).map(([one, other, x, y]) => ({
      before: union(one.before, x ? other.before : undefined),
      after: union(one.after, y ? other.after : undefined),
      wire: x
        ? fc.oneof(tagged('one', one.wire), tagged('other', other.wire))
        : tagged('one', one.wire),
    })),
  ),
})).node

function objects(fields: readonly (readonly [Versions, Presence, Presence])[]): Versions {
  const side = (pick: (field: readonly [Versions, Presence, Presence]) => [z.ZodType, Presence]) =>
    z.object(
      Object.fromEntries(
        fields.flatMap((field, index) => {
          const [schema, present] = pick(field)
          return present === 'missing' ? [] : [[`f${index}`, withPresence(schema, present)]]
        }),
      ),
    )
  const wires = fields.flatMap(([{ wire }, present], index): [string, fc.Arbitrary<unknown>][] =>
    present === 'missing' ? [] : [[`f${index}`, present === 'defaulted' ? fc.constant('d') : wire]],
  )
  const requiredKeys = fields.flatMap(([, present], index) =>
    present === 'required' ? [`f${index}`] : [],
  )
  return {
    before: side(([node, present]) => [node.before, present]),
    after: side(([node, , present]) => [node.after, present]),
    wire: fc.record(Object.fromEntries(wires), { requiredKeys }),
  }
}

function withPresence(schema: z.ZodType, present: Presence): z.ZodType {
  if (present === 'optional') return schema.optional()
  return present === 'defaulted' ? z.string().default('d') : schema
}

function union(one: z.ZodType, other: z.ZodType | undefined): z.ZodType {
  const first = z.object({ kind: z.literal('one'), value: one })
  if (other === undefined) return z.discriminatedUnion('kind', [first])
  return z.discriminatedUnion('kind', [first, z.object({ kind: z.literal('other'), value: other })])
}

function tagged(kind: string, wire: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.record({ kind: fc.constant(kind), value: wire })
}

const cases = versions.chain(({ before, after, wire }) =>
  fc.record({ before: fc.constant(before), after: fc.constant(after), value: wire }),
)

function isBreaking(direction: Direction, before: z.ZodType, after: z.ZodType): boolean {
  const [one, other] = [describeWire(before, direction), describeWire(after, direction)]
  return compareSchemas(one, other, direction).some(
    (difference) => judge(difference, direction).severity === 'breaking',
  )
}

test('a schema compared with itself differs in nothing', () => {
  fc.assert(
    fc.property(versions, ({ before }) => {
      for (const view of ['input', 'output'] as const) {
        const described = describeWire(before, view)
        assert.deepEqual(compareSchemas(described, structuredClone(described), view), [])
      }
    }),
    { numRuns: 300 },
  )
})

test('where a change of an input is called safe, every old input is still accepted', () => {
  const seen = { safe: 0, breaking: 0 }
  fc.assert(
    fc.property(cases, ({ before, after, value }) => {
      if (isBreaking('input', before, after)) {
        seen.breaking++
        return
      }
      seen.safe++
      assert.ok(compileSchema(before).decode(value).ok)
      assert.ok(compileSchema(after).decode(value).ok)
    }),
    { numRuns: 1_500 },
  )
  assert.ok(seen.safe > 100 && seen.breaking > 100, JSON.stringify(seen))
})

test('where a change of an output is called safe, every new answer fits what readers expected', () => {
  const seen = { safe: 0, breaking: 0 }
  fc.assert(
    fc.property(cases, ({ before: newer, after: older, value }) => {
      if (isBreaking('output', older, newer)) {
        seen.breaking++
        return
      }
      const answer = compileSchema(newer).decode(value)
      assert.ok(answer.ok)
      seen.safe++
      const text = compileSchema(newer).encode(answer.value)
      assert.ok(compileSchema(older).decode(JSON.parse(text)).ok)
    }),
    { numRuns: 1_500 },
  )
  assert.ok(seen.safe > 100 && seen.breaking > 100, JSON.stringify(seen))
})
