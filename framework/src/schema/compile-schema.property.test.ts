import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import * as z from 'zod'
import { compileSchema } from './compile-schema.ts'
import { type CompiledSchema, invalid } from './compiled-schema.ts'
import { describe } from './describe.ts'
import { childrenOf, type Node, reaches } from './node.ts'
import { reviveElement } from './revive.ts'

/** A random schema with the values that it should accept. */
interface Sample {
  readonly schema: z.ZodType
  readonly values: fc.Arbitrary<unknown>
}

interface Drawn {
  readonly schema: z.ZodType
  readonly value: unknown
  /** What a counterexample prints. */
  readonly [fc.toStringMethod]: () => string
}

const drawn = (schema: z.ZodType, value: unknown): Drawn => ({
  schema,
  value,
  [fc.toStringMethod]: () => `${outline(describe(schema))} on ${inspect(value, { depth: 9 })}`,
})

function outline(node: Node): string {
  const { kind } = node.shape
  const checks = node.checks.map((check) =>
    Object.values(check._zod.def)
      .filter((part) => typeof part !== 'function')
      .join(' '),
  )
  const keys = node.shape.kind === 'object' ? node.shape.fields.map(({ key }) => String(key)) : []
  const below = childrenOf(node).map((child, at) => `${keys[at] ?? ''}:${outline(child)}`)
  return `${kind}${checks.length > 0 ? `[${checks.join(', ')}]` : ''}(${below.join(', ')})`
}

const runs = 400
/** Seeds that once found a fault, or that are kept as a sample; they run before a fresh one. */
const savedSeeds = [1, 20_261_122, -1_094_795_586]

const sample = (schema: z.ZodType, values: fc.Arbitrary<unknown>): Sample => ({ schema, values })
const text = fc.string({ unit: 'binary', maxLength: 8 })
const few = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(values, { maxLength: 3 })
const dates = fc.date({ noInvalidDate: true })

const leaves: fc.Arbitrary<Sample> = fc.constantFrom(
  sample(z.string(), text),
  sample(z.string().min(2).max(5), fc.string({ unit: 'binary', minLength: 2, maxLength: 5 })),
  sample(z.string().length(2), fc.string({ unit: 'grapheme', minLength: 2, maxLength: 2 })),
  sample(z.string().trim().toLowerCase(), text),
  sample(z.string().startsWith('a').endsWith('z').includes('-'), fc.constantFrom('a-z', 'ab-yz')),
  sample(z.string().regex(/^[a-c]+$/g), fc.constantFrom('a', 'abc')),
  sample(z.uuid(), fc.uuid()),
  sample(z.email(), fc.constantFrom('a@b.co', 'first.last@example.com')),
  sample(z.url(), fc.constantFrom('https://a.example/x', 'http://b.example')),
  sample(z.iso.datetime(), fc.constantFrom('2024-02-29T12:00:00Z', '2026-01-01T00:00:00.5Z')),
  sample(z.number(), fc.double({ noNaN: true, noDefaultInfinity: true })),
  sample(z.number().min(-5).lt(10).multipleOf(0.5), fc.constantFrom(-5, 0, 0.5, 9.5)),
  sample(z.int(), fc.maxSafeInteger()),
  sample(z.int32().positive(), fc.integer({ min: 1 })),
  sample(z.float32(), fc.float({ noNaN: true, noDefaultInfinity: true })),
  sample(z.bigint(), fc.bigInt()),
  sample(z.bigint().min(0n).multipleOf(3n), fc.constantFrom(0n, 3n, 3n ** 50n)),
  sample(z.int64(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  sample(z.boolean(), fc.boolean()),
  sample(z.null(), fc.constant(null)),
  sample(z.undefined(), fc.constant(undefined)),
  sample(z.literal(['a', 1, true, null]), fc.constantFrom('a', 1, true, null)),
  sample(z.literal([7n, 8n]), fc.constantFrom(7n, 8n)),
  sample(z.enum(['red', 'green"']), fc.constantFrom('red', 'green"')),
  sample(z.date(), dates),
  sample(z.date().min(new Date(0)), fc.constantFrom(new Date(0), new Date(5))),
  sample(z.instanceof(Uint8Array), fc.uint8Array({ maxLength: 6 })),
  sample(z.unknown(), fc.jsonValue()),
  sample(z.any(), fc.jsonValue()),
)

function schemas(depth: number): fc.Arbitrary<Sample> {
  if (depth === 0) return leaves
  const inner = schemas(depth - 1)
  return fc.oneof(
    leaves,
    objects(inner),
    objects(inner),
    inner.map(({ schema, values }) => sample(z.array(schema).max(3), few(values))),
    fc
      .tuple(inner, inner)
      .map(([a, b]) => sample(z.tuple([a.schema, b.schema]), fc.tuple(a.values, b.values))),
    inner.map(({ schema, values }) =>
      sample(z.record(z.string(), schema), fc.dictionary(recordKey, values, { maxKeys: 3 })),
    ),
    inner.map(({ schema, values }) =>
      sample(z.record(z.enum(['x', 'y']), schema), fc.record({ x: values, y: values })),
    ),
    fc.tuple(textual, inner).map(([key, item]) => {
      const pairs = few(fc.tuple(key.values, item.values))
      return sample(
        z.map(key.schema, item.schema),
        pairs.map((all) => new Map(all)),
      )
    }),
    textual.map(({ schema, values }) =>
      sample(
        z.set(schema).max(3),
        few(values).map((all) => new Set(all)),
      ),
    ),
    wrapped(inner),
    unions(inner),
  )
}

const recordKey = fc.constantFrom('a', 'b c', '3', 'toString', 'constructor')
const textual = fc.constantFrom(
  sample(z.string(), text),
  sample(z.bigint(), fc.bigInt()),
  sample(z.date(), dates),
)

function objects(inner: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  const names = fc.constantFrom('id', 'name', 'toString', 'constructor', 'b c', '7', 'ünï')
  const fields = fc.dictionary(names, fc.oneof(inner, wrapped(inner)), { maxKeys: 5 })
  const kinds = fc.constantFrom(z.object, z.strictObject, z.looseObject)
  return fc.tuple(fields, kinds).map(([shape, kind]) => {
    const entries = Object.entries(shape)
    const schema = kind(Object.fromEntries(entries.map(([key, one]) => [key, one.schema])))
    const values = fc.record(
      Object.fromEntries(entries.map(([key, one]) => [key, one.values])),
      // absent keys are valid for some and invalid for others: zod says which
      { requiredKeys: entries.filter((_, at) => at % 3 !== 2).map(([key]) => key) },
    )
    return sample(schema, values)
  })
}

function wrapped(inner: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return fc.tuple(inner, fc.nat({ max: 8 })).map(([given, kind]) => {
    const { schema, values } = given
    const maybe = fc.option(values, { nil: undefined })
    const [constant] = fc.sample(values, { numRuns: 1, seed: 7 }).map(settled(schema))
    // zod cannot freeze bytes: it throws
    const isFreezable = !reaches(describe(schema), (node) => node.shape.kind === 'bytes')
    const kinds = [
      sample(schema.optional(), maybe),
      sample(schema.nullable(), fc.option(values)),
      sample(schema.nullish(), fc.option(maybe)),
      constant === undefined ? given : sample(schema.default(constant), maybe),
      constant === undefined ? given : sample(schema.prefault(constant), maybe),
      isFreezable ? sample(schema.readonly(), values) : given,
      sample(
        z.lazy(() => schema),
        values,
      ),
      sample(
        schema.refine((value) => value !== 'never'),
        values,
      ),
    ]
    return kinds[kind] ?? sample(z.exactOptional(schema), values)
  })
}

/** zod takes a default as it is, so one that is not in its final form would change later. */
function settled(schema: z.ZodType): (value: unknown) => unknown {
  return (value) => {
    const result = schema.safeParse(value)
    return result.success ? result.data : undefined
  }
}

function unions(inner: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return fc.tuple(inner, inner, fc.boolean()).map(([a, b, isDiscriminated]) => {
    if (!isDiscriminated) {
      // the kinds differ on the wire too, else the first that fits would win there
      return sample(
        z.union([z.array(a.schema), z.boolean(), z.object({ b: b.schema })]),
        fc.oneof(fc.array(a.values, { maxLength: 2 }), fc.boolean(), fc.record({ b: b.values })),
      )
    }
    const left = z.object({ kind: z.literal('left'), a: a.schema })
    const right = z.object({ kind: z.enum(['right', 'other']), b: b.schema })
    return sample(
      z.discriminatedUnion('kind', [left, right]),
      fc.oneof(
        fc.record({ kind: fc.constant('left'), a: a.values }),
        fc.record({ kind: fc.constantFrom('right', 'other'), b: b.values }),
      ),
    )
  })
}

const oddities: readonly unknown[] = [
  ...[undefined, null, NaN, Infinity, -0, '', 'x', 0, 1.5, 5n, true, Symbol.iterator],
  ...[{}, [], new Map(), new Set(), new Date(NaN), new Date(0), new Uint8Array(1)],
  ...[Object.create(null), JSON.parse('{"__proto__": 1, "id": 2}'), [undefined], Array(2)],
]

const wireOddities: readonly unknown[] = [
  ...[null, '', 'x', '12', '-3', 12, 1.5, 2 ** 60, true, {}, [], [null], [[1, 2]], [1, 2, 3]],
  ...['2026-02-30T00:00:00Z', '2026-01-01T00:00:00Z', 'AAAA', 'A', JSON.parse('{"__proto__": 1}')],
]

/** The value with one place in it replaced, or with an unknown key. */
function mutated(
  value: unknown,
  choice: readonly number[],
  odds: readonly unknown[] = oddities,
): unknown {
  const [where = 0, what = 0, ...deeper] = choice
  const odd = odds[what % odds.length]
  if (typeof value !== 'object' || value === null || where % 4 === 0) return odd
  if (Array.isArray(value)) {
    const at = where % (value.length + 1)
    return value.map((item, index) => (index === at ? mutated(item, deeper, odds) : item))
  }
  if (value instanceof Map) return new Map([...value, [odd, odd]])
  if (value instanceof Set) return new Set([...value, odd])
  if (Object.getPrototypeOf(value) !== Object.prototype) return odd
  const keys = Object.keys(value)
  const key = keys[where % (keys.length + 1)] ?? 'unknown'
  return { ...value, [key]: mutated(Reflect.get(value, key), deeper, odds) }
}

const valid: fc.Arbitrary<Drawn> = schemas(4).chain(({ schema, values }) =>
  values.map((value) => drawn(schema, value)),
)
const anyValue: fc.Arbitrary<Drawn> = fc
  .tuple(valid, fc.boolean(), fc.array(fc.nat({ max: 99 }), { minLength: 2, maxLength: 8 }))
  .map(([{ schema, value }, isMutated, choice]) =>
    drawn(schema, isMutated ? mutated(value, choice) : value),
  )

/** zod's issues, with the symbols in their paths as text. */
function textPaths(issues: readonly z.core.$ZodIssue[] = []): unknown {
  const textOf = (step: PropertyKey) => (typeof step === 'symbol' ? String(step) : step)
  return issues.map((issue) => ({ ...issue, path: issue.path.map(textOf) }))
}

/** Every object that can be reached, to tell whether two values share one. */
function objectsOf(value: unknown, found: Set<object> = new Set()): Set<object> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found
  found.add(value)
  if (value instanceof Map)
    for (const pair of value) for (const item of pair) objectsOf(item, found)
  if (value instanceof Set) for (const item of value) objectsOf(item, found)
  for (const key of Reflect.ownKeys(value)) objectsOf(Reflect.get(value, key), found)
  return found
}

/** The keys of every object, in their order: deep equality does not look at it. */
function keyOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return 0
  if (value instanceof Map || value instanceof Set) return [...value].map(keyOrder)
  return Reflect.ownKeys(value).map((key) => [String(key), keyOrder(Reflect.get(value, key))])
}

/** zod throws where it cannot freeze. */
function attempt<T>(run: () => T): T | string {
  try {
    return run()
  } catch (error) {
    return String(error)
  }
}

function holdsEqualToZod({ schema, value }: Drawn, compiled: CompiledSchema): void {
  const expected = attempt(() => schema.safeParse(value))
  const actual = attempt(() => compiled.copy(value))
  if (typeof expected === 'string' || typeof actual === 'string') {
    assert.equal(actual, expected)
    return
  }
  if (!actual.ok && actual.issues[0]?.code === 'uncopyable') {
    // what `unknown` inherits, such as `toString`, is refused for lack of a copy
    assert.match(inspect(expected.data, { depth: 20 }), /\[Function|\[class/)
    return
  }
  assert.equal(actual.ok, expected.success)
  if (!actual.ok) return assert.deepEqual(actual.issues, textPaths(expected.error?.issues))
  assert.deepEqual(actual.value, expected.data)
  assert.deepEqual(keyOrder(actual.value), keyOrder(expected.data))
  const input = objectsOf(value)
  const shared = [...objectsOf(actual.value)].filter((one) => input.has(one))
  assert.deepEqual(shared, [], 'the copy shares an object with the input')
}

/** What JSON cannot tell apart: undefined fields and absent ones, undefined and null in a list, and
 *  the two zeros. */
function asTravelled(value: unknown): unknown {
  if (value === undefined) return null
  if (Object.is(value, -0)) return 0
  if (Array.isArray(value)) return value.map(asTravelled)
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [asTravelled(key), asTravelled(item)]))
  }
  if (value instanceof Set) return new Set([...value].map(asTravelled))
  if (typeof value !== 'object' || value === null) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, asTravelled(item)]),
  )
}

/** Runs a property on the saved seeds, then on a fresh one, which it prints. */
function forAll<T>(t: TestContext, values: fc.Arbitrary<T>, holds: (value: T) => void): void {
  for (const seed of savedSeeds) {
    fc.assert(fc.property(values, holds), { seed, numRuns: runs / 4 })
  }
  const result = fc.check(fc.property(values, holds), { numRuns: runs, endOnFailure: true })
  t.diagnostic(`seed ${result.seed}: add it to savedSeeds when it fails`)
  if (result.failed) fc.assert(fc.property(values, holds), { seed: result.seed, numRuns: runs })
}

test('a compiled copy equals zod: acceptance, value, key order, issues; nothing is shared', (t) => {
  forAll(t, anyValue, (one) => holdsEqualToZod(one, compileSchema(one.schema)))
})

test('what is encoded decodes to the same value', (t) => {
  forAll(t, valid, ({ schema, value }) => {
    const compiled = compileSchema(schema)
    const copy = compiled.copy(value)
    if (!copy.ok) return
    const decoded = compiled.decode(JSON.parse(compiled.encode(copy.value)))
    assert.ok(decoded.ok, 'what was encoded is refused')
    assert.deepEqual(asTravelled(decoded.value), asTravelled(copy.value))
  })
})

test('a compiled decoder equals zod on the revived wire value, also for spoilt wire values', (t) => {
  const spoilt = fc.tuple(valid, fc.array(fc.nat({ max: 99 }), { minLength: 2, maxLength: 8 }))
  forAll(t, spoilt, ([{ schema, value }, choice]) => {
    const compiled = compileSchema(schema)
    const copy = compiled.copy(value)
    if (!copy.ok) return
    const wire = JSON.parse(compiled.encode(copy.value))
    for (const candidate of [wire, mutated(wire, choice, wireOddities)]) {
      const expected = schema.safeParse(reviveElement(describe(schema), candidate, 'wire'))
      const actual = compiled.decode(candidate)
      assert.deepEqual(
        actual.ok ? actual.value : actual.issues,
        expected.success ? expected.data : expected.error.issues,
      )
    }
  })
})

test('nearly every valid value is accepted by compiled code, without asking zod', (t) => {
  const counts = { fast: 0, all: 0 }
  forAll(t, valid, ({ schema, value }) => {
    if (!schema.safeParse(value).success) return
    counts.all += 1
    if (compileSchema(schema).copyOrInvalid(value) !== invalid) counts.fast += 1
  })
  t.diagnostic(`${counts.fast} of ${counts.all}`)
  assert.ok(counts.all > runs / 2)
  assert.ok(counts.fast / counts.all > 0.99)
})

test('the property finds a compiled schema that is broken on purpose', () => {
  const broken: readonly ((compiled: CompiledSchema, value: unknown) => unknown)[] = [
    // shares the input
    (_, value) => value,
    // loses the last key
    (compiled, value) => {
      const copy = compiled.copyOrInvalid(value)
      if (typeof copy !== 'object' || copy === null || Array.isArray(copy)) return copy
      return Object.fromEntries(Object.entries(copy).slice(0, -1))
    },
    // turns the keys around
    (compiled, value) => {
      const copy = compiled.copyOrInvalid(value)
      if (Object.getPrototypeOf(copy ?? 0) !== Object.prototype) return copy
      return Object.fromEntries(Object.entries(copy as object).toReversed())
    },
  ]
  for (const copyWrongly of broken) {
    const result = fc.check(
      fc.property(valid, (one) => {
        const compiled = compileSchema(one.schema)
        const checked = compiled.copy(one.value)
        const value = copyWrongly(compiled, one.value)
        const copy = (): typeof checked => (checked.ok ? { ok: true, value } : checked)
        holdsEqualToZod(one, { ...compiled, schema: one.schema, copy } as CompiledSchema)
      }),
      { seed: 1, numRuns: 300, endOnFailure: true },
    )
    assert.ok(result.failed)
  }
})
