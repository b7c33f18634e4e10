import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { z } from 'zod'
import { compileSchema } from '../../schema/index.ts'
import { describeWire } from '../wire-schema.ts'

/** A schema and wire values for it, some of which it refuses. */
interface Sample {
  readonly schema: z.ZodType
  readonly wire: fc.Arbitrary<unknown>
}

/** Any text: zod counts characters as JSON Schema does, not UTF-16 units. */
const text = fc.string({ maxLength: 6, unit: 'binary' })
const noise = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, '', 'x', '12', '2020-01-02T03:04:05Z'),
  fc.constantFrom<unknown>([], {}, [1], { a: 1 }, [['a', 'b']]),
)

/** RFC 3339 knows no other years; the wire form does. */
const fourDigitYears = fc.date({
  noInvalidDate: true,
  min: new Date(0),
  max: new Date('9999-12-31T00:00:00Z'),
})

const leaf: fc.Arbitrary<Sample> = fc.oneof(
  fc.tuple(fc.nat(2), fc.nat(3)).map(([min, more]) => ({
    schema: z
      .string()
      .min(min)
      .max(min + more),
    wire: text,
  })),
  fc.tuple(fc.integer({ min: -5, max: 5 }), fc.nat(9)).map(([min, more]) => ({
    schema: z
      .int()
      .min(min)
      .max(min + more),
    wire: fc.oneof(fc.integer({ min: -8, max: 18 }), fc.double({ noNaN: true })),
  })),
  fc.constant({ schema: z.number().gt(0), wire: fc.double({ noNaN: true, min: -3, max: 3 }) }),
  fc.constant({ schema: z.boolean(), wire: fc.boolean() }),
  fc.constant({ schema: z.bigint(), wire: fc.bigInt().map(String) }),
  fc.constant({
    schema: z.date(),
    wire: fourDigitYears.map((date) => date.toISOString()),
  }),
  fc.constant({ schema: z.enum(['red', 'green']), wire: fc.constantFrom('red', 'green', 'blue') }),
  fc.constant({ schema: z.literal(7), wire: fc.constantFrom(7, 8, '7') }),
  fc.constant({ schema: z.uuid(), wire: fc.oneof(fc.uuid(), text) }),
)

const sample: fc.Arbitrary<Sample> = fc.letrec<{ node: Sample; deep: Sample }>((tie) => ({
  node: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie('deep')),
  deep: fc.oneof(
    tie('node').map(({ schema, wire }) => ({
      schema: schema.nullable(),
      wire: fc.option(wire),
    })),
    fc.tuple(tie('node'), fc.nat(2), fc.nat(2)).map(([{ schema, wire }, min, more]) => ({
      schema: z
        .array(schema)
        .min(min)
        .max(min + more),
      wire: fc.array(wire, { maxLength: 4 }),
    })),
    fc.array(tie('node'), { maxLength: 3 }).map(objectOf),
    fc.array(tie('node'), { maxLength: 3 }).map((fields) => {
      const { schema, wire } = objectOf(fields)
      return { schema: schema.strict(), wire }
    }),
    tie('node').map(({ schema, wire }) => ({
      schema: z.record(z.string(), schema),
      wire: fc.dictionary(fc.constantFrom('a', 'b', 'c'), wire),
    })),
    tie('node').map(({ schema, wire }) => ({
      schema: z.map(z.string(), schema),
      // that a key comes once cannot be published
      wire: fc.uniqueArray(fc.tuple(text, wire), { maxLength: 3, selector: ([key]) => key }),
    })),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => ({
      schema: z.tuple([a.schema, b.schema]),
      wire: fc.tuple(a.wire, b.wire),
    })),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => ({
      schema: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('a'), value: a.schema }),
        z.object({ kind: z.literal('b'), value: b.schema }),
      ]),
      wire: fc.oneof(
        fc.record({ kind: fc.constant('a'), value: a.wire }),
        fc.record({ kind: fc.constantFrom('b', 'c'), value: b.wire }),
      ),
    })),
  ),
})).node

/** Fields that are required, optional and defaulted in turn. */
function objectOf(fields: readonly Sample[]): {
  schema: z.ZodObject
  wire: fc.Arbitrary<unknown>
} {
  const shape = fields.map(({ schema }, index): [string, z.ZodType] => {
    if (index % 3 === 1) return [`f${index}`, schema.optional()]
    return [`f${index}`, index % 3 === 2 ? z.string().default('none') : schema]
  })
  const wires = fields.map(({ wire }, index): [string, fc.Arbitrary<unknown>] => [
    `f${index}`,
    index % 3 === 2 ? text : wire,
  ])
  const known = fc.record(Object.fromEntries(wires), { requiredKeys: [] })
  const whole = fc.record(Object.fromEntries(wires))
  const extended = whole.map((value) => ({ ...value, unknown: 1 }))
  return { schema: z.object(Object.fromEntries(shape)), wire: fc.oneof(whole, known, extended) }
}

/** Now and then something else in the place of a part. */
function disturbed(wire: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 5, arbitrary: wire }, { weight: 1, arbitrary: noise })
}

const cases = sample.chain(({ schema, wire }) =>
  disturbed(wire).map((value) => ({ schema, value })),
)

function validatorOf(schema: z.ZodType, view: 'input' | 'output'): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv, ['date-time', 'uuid'])
  ajv.addFormat('bigint', true)
  const check = ajv.compile({ ...describeWire(schema, view) })
  return (value) => check(value) === true
}

test('what an operation accepts is exactly what its published schema accepts', () => {
  let accepted = 0
  let refused = 0
  fc.assert(
    fc.property(cases, ({ schema, value }) => {
      // a bigint is also read from a JSON integer, which is not published
      fc.pre(
        !(JSON.stringify(describeWire(schema, 'input')).includes('bigint') && hasNumber(value)),
      )
      const { ok } = compileSchema(schema).decode(value)
      if (ok) accepted++
      else refused++
      assert.equal(validatorOf(schema, 'input')(value), ok)
    }),
    { numRuns: 250 },
  )
  assert.ok(accepted > 50, `only ${accepted} values were accepted`)
  assert.ok(refused > 25, `only ${refused} values were refused`)
})

test('what an operation answers is accepted by its published schema', () => {
  let answered = 0
  fc.assert(
    fc.property(cases, ({ schema, value }) => {
      const compiled = compileSchema(schema)
      const decoded = compiled.decode(value)
      if (!decoded.ok) return
      answered++
      assert.ok(validatorOf(schema, 'output')(JSON.parse(compiled.encode(decoded.value))))
    }),
    { numRuns: 250 },
  )
  assert.ok(answered > 50, `only ${answered} values were answered`)
})

function hasNumber(value: unknown): boolean {
  if (typeof value === 'number') return true
  return typeof value === 'object' && value !== null && Object.values(value).some(hasNumber)
}
