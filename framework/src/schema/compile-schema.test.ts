import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { compileSchema } from './index.ts'

/** Schemas and values on which copy has to say exactly what zod says. */
const fields = z.object({ a: z.string(), b: z.number().optional() })
const inherited = Object.create({ a: 'inherited', b: 1 })
class Point {
  a = 'point'
  get b(): number {
    return 4
  }
}
const withGetter = {
  get a(): string {
    return 'read'
  },
}
const sparse: number[] = Array(3)
sparse[0] = 1

const table: Readonly<Record<string, readonly [z.ZodType, ...unknown[]]>> = {
  'missing, undefined and null fields': [
    z.object({
      optional: z.string().optional(),
      exact: z.exactOptional(z.string()),
      nullish: z.string().nullish(),
      fallback: z.string().default('x'),
      called: z.string().default(() => 'y'),
      first: z.string().prefault('z'),
      caught: z.string().catch('c'),
      both: z.string().default('d').optional(),
    }),
    {},
    { optional: undefined, exact: undefined },
    { optional: undefined, nullish: undefined, fallback: undefined, both: undefined },
    { nullish: null, fallback: null },
    { exact: 'e', caught: 5, both: 'b' },
  ],
  'required fields that take undefined': [
    z.object({ u: z.undefined(), any: z.any(), or: z.union([z.string(), z.undefined()]) }),
    {},
    { u: undefined },
    { u: undefined, any: undefined, or: undefined },
  ],
  'unknown keys': [fields, { a: 'x', z: 1 }, { z: 1, a: 'x', [Symbol.iterator]: 1 }],
  'unknown keys of a strict object': [fields.strict(), { a: 'x' }, { a: 'x', z: 1, y: 2 }],
  'unknown keys of a loose object': [fields.loose(), { z: { deep: [1] }, a: 'x' }],
  'unknown keys with a schema': [fields.catchall(z.bigint()), { a: 'x', n: 1n }, { a: 'x', n: 1 }],
  '__proto__ from JSON': [
    fields,
    JSON.parse('{"a":"x","__proto__":{"b":1}}'),
    JSON.parse('{"__proto__":{"a":"x"}}'),
  ],
  '__proto__ in strict, loose and record': [
    z.union([
      fields.strict(),
      z.object({ c: z.looseObject({}) }),
      z.record(z.string(), z.number()),
    ]),
    JSON.parse('{"a":"x","__proto__":1}'),
    JSON.parse('{"c":{"__proto__":1,"d":2}}'),
    JSON.parse('{"__proto__":1,"d":2}'),
  ],
  'own keys named like inherited ones': [
    z.object({ constructor: z.string(), toString: z.string().optional() }),
    { constructor: 'c' },
    { constructor: 'c', toString: 't' },
    JSON.parse('{"constructor":"c","toString":"t"}'),
    {},
  ],
  'values that are no plain objects': [
    fields,
    new Point(),
    inherited,
    withGetter,
    Object.assign(Object.create(null), { a: 'x' }),
    Object.freeze({ a: 'x' }),
    new Map([['a', 'x']]),
    ['x'],
    'x',
    null,
    undefined,
    () => 1,
  ],
  'symbol keys': [
    z.object({ [Symbol.for('s')]: z.number(), a: z.string() } as never),
    { [Symbol.for('s')]: 1, a: 'x' },
    { a: 'x' },
  ],
  'sparse arrays': [z.array(z.number().optional()), sparse, Array(3), []],
  'holes where undefined is refused': [z.array(z.number()), sparse],
  'array bounds': [z.array(z.int()).min(1).max(2), [], [1], [1, 2, 3], ['a', 'b', 'c'], 'x'],
  'exact length': [z.array(z.int()).length(2), [1], [1, 2], [1, 2, 3]],
  numbers: [z.number(), NaN, Infinity, -Infinity, -0, 0, 1e308, '1'],
  integers: [z.int(), 1.5, -0, 2 ** 53, 2 ** 53 - 1, -(2 ** 53), NaN],
  'number bounds': [z.number().gt(0).lte(10).multipleOf(0.07), 2.03, 0, 10, 10.01, -1, 0.07],
  'a multiple of a very small step': [z.number().multipleOf(1e-7), 3e-7, 0.1, 1e-8],
  'old style safe integers': [z.number().int().nonnegative(), 1, -1, 1.5],
  bigints: [z.bigint().positive().max(10n).multipleOf(5n), 5n, 10n, 15n, 0n, -5n, 5],
  'a multiple of zero': [z.bigint().multipleOf(0n), 0n, 5n],
  'text bounds in code points': [
    z.string().min(2).max(3),
    '🎉',
    '🎉🎉',
    '🎉🎉🎉',
    '🎉🎉🎉🎉',
    'a',
    'ab',
  ],
  'text of an exact length': [z.string().length(2), '🎉', '🎉🎉', 'a🎉', 'abc', '\ud800a'],
  'text with a global pattern, twice': [z.string().regex(/a/g), 'xa', 'xa', 'b'],
  'text that checks rewrite': [
    z.string().trim().min(1).toUpperCase().includes('B', { position: 1 }),
    '  ab ',
    ' b ',
    '   ',
  ],
  'text formats': [
    z.union([z.ipv6(), z.base64(), z.jwt(), z.cidrv6(), z.iso.time(), z.e164()]),
    '::1',
    'AAAA',
    'nope!',
    '12:30:00',
    '+4915112345678',
  ],
  url: [z.url(), ' https://a.example/x\ty ', 'https:/nope', 'x'],
  'web url': [z.httpUrl(), 'https://a.example', 'ftp://a.example', 'http:a.example'],
  dates: [
    z.date().min(new Date(0)).max(new Date(10)),
    new Date(5),
    new Date(NaN),
    new Date(-1),
    new Date(11),
    0,
    '1970-01-01T00:00:00.000Z',
  ],
  literals: [z.literal(['a', 1, null, undefined, 5n, NaN]), 'a', 1, null, undefined, 5n, NaN, '5'],
  'many literals': [z.literal(Array.from({ length: 40 }, (_, at) => `v${at}`)), 'v39', 'v40'],
  'zero and minus zero': [z.literal(0), 0, -0],
  enums: [z.enum({ Low: 0, High: 1 }), 0, 1, 2, 'Low'],
  'template text': [z.templateLiteral(['v', z.int()]), 'v1', 'vx'],
  maps: [z.map(z.string(), z.date()).min(1), new Map(), new Map([['a', new Date(0)]]), {}],
  'maps with bad entries': [z.map(z.string(), z.int()), new Map<unknown, unknown>([[1, 'a']])],
  sets: [z.set(z.int()).max(2), new Set([1]), new Set([1, 2, 3]), new Set(['a']), []],
  'sets whose members become equal': [z.set(z.string().trim()).size(1), new Set(['a', ' a'])],
  bytes: [z.instanceof(Uint8Array), new Uint8Array([1]), Buffer.from('a').subarray(0, 0), [1]],
  'bytes with a refinement': [
    z.instanceof(Uint8Array).refine((bytes) => bytes.length < 2, 'too long'),
    new Uint8Array(1),
    new Uint8Array(2),
  ],
  tuples: [z.tuple([z.string(), z.int()]), ['a', 1], ['a'], ['a', 1, 2], ['a', '1']],
  'tuples with optional and further items': [
    z.tuple([z.string(), z.int().optional()], z.boolean()),
    ['a'],
    ['a', undefined],
    ['a', 1, true, false],
    ['a', 1, 2],
  ],
  records: [z.record(z.string().min(2), z.int()), { ab: 1 }, { a: 1 }, { ab: 'x' }, [], new Map()],
  'records and symbols': [z.record(z.string(), z.int()), { a: 1, [Symbol.iterator]: 2 }],
  'records of numbers': [z.record(z.number(), z.int()), { 1: 1 }, { a: 1 }],
  'records of a closed set': [
    z.record(z.enum(['x', 'y']), z.int().optional()),
    { y: 1, x: 2 },
    { x: 1 },
    { x: 1, y: 2, z: 3 },
  ],
  'partial and loose records': [
    z.union([z.partialRecord(z.enum(['x', 'y']), z.int()), z.looseRecord(z.enum(['x']), z.int())]),
    { x: 1 },
    { x: 1, q: 'kept' },
    {},
  ],
  unions: [
    z.union([z.object({ a: z.int() }), z.object({ b: z.int() })]),
    { a: 1 },
    { b: 1 },
    {},
    1,
  ],
  'exclusive unions': [z.xor([z.string(), z.literal('a')]), 'a', 'b', 1],
  'discriminated unions': [
    z.discriminatedUnion('t', [
      z.object({ t: z.literal('a'), n: z.int() }),
      z.object({ t: z.literal(['b', 'c']), s: z.string() }),
      z.object({ t: z.literal(null) }),
    ]),
    { t: 'a', n: 1 },
    { s: 'x', t: 'c' },
    { t: null },
    { t: 'd' },
    { n: 1 },
    [],
  ],
  'a discriminator that may be absent': [
    z.discriminatedUnion('t', [
      z.object({ t: z.literal('a').default('a') }),
      z.object({ t: z.literal('b') }),
    ]),
    {},
    { t: 'b' },
  ],
  intersections: [
    z.intersection(z.object({ a: z.date() }), z.object({ a: z.date(), b: z.array(z.int()) })),
    { a: new Date(0), b: [1] },
    { a: new Date(0) },
  ],
  'intersections of strict objects': [
    z.strictObject({ a: z.int() }).and(z.strictObject({ b: z.int() })),
    { a: 1, b: 2 },
    { a: 1, b: 2, c: 3 },
  ],
  'read-only values': [z.object({ list: z.array(z.int()).readonly() }).readonly(), { list: [1] }],
  'required again': [z.string().optional().nonoptional(), 'a', undefined],
  transforms: [z.string().transform((text) => text.length), 'abc', 1],
  'transforms that refuse': [
    z.string().transform((text, context) => {
      if (text === 'no') context.addIssue('refused')
      return text
    }),
    'yes',
    'no',
  ],
  'transforms into instances': [z.string().transform(() => new Point()), 'x'],
  pipes: [z.string().pipe(z.coerce.number()).pipe(z.int()), '12', '1.5', 12],
  preprocessing: [z.preprocess((value) => [value].flat(), z.array(z.int())), 1, [1, 2], 'x'],
  codecs: [
    z.codec(z.iso.datetime(), z.date(), {
      decode: (text) => new Date(text),
      encode: (date) => date.toISOString(),
    }),
    '2026-11-22T06:00:00.000Z',
    new Date(0),
    'x',
  ],
  coercion: [z.object({ n: z.coerce.number(), d: z.coerce.date() }), { n: '5', d: 0 }, { n: 'x' }],
  refinements: [
    z
      .object({ a: z.int(), b: z.int() })
      .refine(({ a, b }) => a < b, { path: ['b'], message: 'b must be larger' }),
    { a: 1, b: 2 },
    { a: 2, b: 1 },
    { a: 'x', b: 1 },
  ],
  'refinements that assign': [z.object({ a: z.int() }).overwrite(() => ({ a: 9 })), { a: 1 }],
  'conditional refinements': [
    z
      .string()
      .min(3, { when: () => false } as never)
      .refine((text) => text !== 'bad', { when: () => true }),
    'a',
    'bad',
  ],
  brands: [z.object({ id: z.uuid().brand('Id') }).brand('Thing'), { id: 'x' }],
  'never, void and nan': [z.union([z.void(), z.nan()]), undefined, NaN, null, 1],
  never: [z.object({ a: z.never().optional() }), {}, { a: 1 }],
}

for (const [title, [schema, ...values]] of Object.entries(table)) {
  test(`copy says what zod says: ${title}`, () => {
    const compiled = compileSchema(schema)
    for (const value of values) {
      const expected = schema.safeParse(value)
      const actual = compiled.copy(value)
      assert.equal(actual.ok, expected.success)
      if (!actual.ok) assert.deepEqual(actual.issues, textPaths(expected.error?.issues))
      else {
        // zod keeps a Buffer, a copy of it is plain bytes
        const data = expected.data instanceof Buffer ? new Uint8Array(expected.data) : expected.data
        assert.deepEqual(actual.value, data)
        assert.deepEqual(keys(actual.value), keys(data))
        assert.equal(Object.isFrozen(actual.value), Object.isFrozen(data))
      }
    }
  })
}

/** zod's issues, with the symbols in their paths as text. */
function textPaths(issues: readonly z.core.$ZodIssue[] = []): unknown {
  return issues.map((issue) => ({ ...issue, path: issue.path.map(textStep) }))
}

function textStep(step: PropertyKey): PropertyKey {
  return typeof step === 'symbol' ? String(step) : step
}

function keys(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Reflect.ownKeys(value) : undefined
}
