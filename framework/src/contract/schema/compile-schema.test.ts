import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import * as z from 'zod'
import { compileSchema, type Issue, invalid } from './index.ts'

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
const sparse = [1, 2, 3]
delete sparse[1]

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

function issuesOf(
  result: { ok: true } | { ok: false; issues: readonly Issue[] },
): readonly Issue[] {
  assert.ok(!result.ok)
  return result.issues
}

test('below unknown, plain data is copied and what cannot be copied is refused with its place', () => {
  const compiled = compileSchema(z.object({ data: z.unknown() }))
  const data = {
    list: [new Date(1), new Map([['a', { b: 1n }]])],
    set: new Set([1]),
    bytes: new Uint8Array(2),
  }
  const copy = compiled.copy({ data })
  assert.ok(copy.ok)
  assert.deepEqual(copy.value.data, data)
  data.list.length = 0
  data.bytes[0] = 9
  assert.deepEqual((copy.value.data as typeof data).list.length, 2)
  assert.deepEqual((copy.value.data as typeof data).bytes[0], 0)
  assert.deepEqual(issuesOf(compiled.copy({ data: { a: [() => 1] } })), [
    { path: ['data', 'a', 0], code: 'uncopyable', message: 'Invalid: a function cannot be copied' },
  ])
  const [issue] = issuesOf(compiled.copy({ data: new Point() }))
  assert.match(issue?.message ?? '', /an instance of Point cannot be copied/)
})

interface Tree {
  readonly children: readonly Tree[]
}
const tree: z.ZodType<Tree> = z.object({
  get children() {
    return z.array(tree)
  },
})
const list = z.object({
  value: z.bigint(),
  next: z.lazy((): z.ZodType => list.nullable()),
})

test('recursive schemas copy, travel, and refuse what is nested too deeply or in itself', () => {
  const compiled = compileSchema(tree)
  const value = { children: [{ children: [] }, { children: [{ children: [] }] }] }
  assert.deepEqual(compiled.copy(value), { ok: true, value })
  assert.deepEqual(compiled.decode(JSON.parse(compiled.encode(value))), { ok: true, value })
  const chain = { value: 1n, next: { value: 2n, next: null } }
  const linked = compileSchema(list)
  assert.deepEqual(linked.decode(JSON.parse(linked.encode(chain))), { ok: true, value: chain })
  for (const levels of [1_000, 100_000]) {
    let deep: Tree = { children: [] }
    for (let level = 0; level < levels; level += 1) deep = { children: [deep] }
    assert.equal(compiled.copyOrInvalid(deep), invalid)
    assert.equal(issuesOf(compiled.copy(deep))[0]?.code, 'too_deep')
    assert.equal(issuesOf(compiled.decode(deep))[0]?.code, 'too_deep')
  }
  const endless: { children: unknown[] } = { children: [] }
  endless.children.push(endless, endless)
  assert.equal(issuesOf(compiled.copy(endless))[0]?.code, 'too_deep')
})

test('a recursive union of its own options ends for a value that contains itself', () => {
  const either: z.ZodType = z.lazy(() =>
    z.union([z.object({ a: either }), z.object({ a: either, b: z.int().optional() })]),
  )
  const endless: Record<string, unknown> = {}
  endless['a'] = endless
  assert.equal(issuesOf(compileSchema(either).copy(endless))[0]?.code, 'too_deep')
})

test('unknown data that is nested too deeply is refused', () => {
  let deep: unknown = 1
  for (let level = 0; level < 100_000; level += 1) deep = [deep]
  assert.equal(issuesOf(compileSchema(z.unknown()).copy(deep))[0]?.code, 'uncopyable')
  assert.equal(issuesOf(compileSchema(z.unknown()).decode(deep))[0]?.code, 'uncopyable')
})

test('a default is not shared between results', () => {
  const compiled = compileSchema(z.object({ list: z.array(z.array(z.int())).default([[1]]) }))
  const first = compiled.copy({})
  assert.ok(first.ok)
  first.value.list[0]?.push(2)
  assert.deepEqual(compiled.copy({}), { ok: true, value: { list: [[1]] } })
})

test('the text of a schema never becomes code', () => {
  const key = '"]; globalThis.injected = true; //'
  const compiled = compileSchema(
    z.object({
      [key]: z.literal(['"; globalThis.injected = true; //', '\u2028`${1}']),
      '`': z.string().includes('"\n'),
    }),
  )
  const value = { [key]: '\u2028`${1}', '`': '"\n' }
  assert.deepEqual(compiled.copy(value), { ok: true, value })
  assert.deepEqual(JSON.parse(compiled.encode(value as never)), value)
  assert.equal('injected' in globalThis, false)
})

test('an asynchronous refinement is a mistake that is thrown', () => {
  const compiled = compileSchema(z.string().refine(async () => true))
  assert.throws(() => compiled.copy('a'), /Promise/)
})

test('where code generation is forbidden, zod does the same work', () => {
  const script = `
    import * as z from 'zod'
    import { compileSchema } from './index.ts'
    const compiled = compileSchema(z.object({ at: z.date(), n: z.bigint(), any: z.unknown() }))
    const copy = compiled.copy({ at: new Date(0), n: 1n, any: [1], extra: 1 })
    const text = compiled.encode(copy.value)
    const bad = compiled.copy({ at: 1 })
    console.log(text, compiled.decode(JSON.parse(text)).ok, bad.issues.length)
    try { new Function('') } catch { console.log('forbidden') }`
  const output = execFileSync(
    process.execPath,
    [
      ...['--conditions=source', '--disallow-code-generation-from-strings'],
      ...['--input-type=module-typescript', '--eval', script],
    ],
    { cwd: import.meta.dirname, encoding: 'utf8', timeout: 20_000 },
  )
  assert.equal(output, '{"at":"1970-01-01T00:00:00.000Z","n":"1","any":[1]} true 3\nforbidden\n')
})
