import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { BanyanError } from '../kernel/index.ts'
import { compileSchema, invalid } from './index.ts'

const instant = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
})

test('what JSON lacks travels in the documented form', () => {
  const compiled = compileSchema(
    z.object({
      big: z.bigint(),
      at: z.date(),
      map: z.map(z.string(), z.bigint()),
      set: z.set(z.date()),
      bytes: z.instanceof(Uint8Array),
      left: z.string().optional(),
      list: z.array(z.string().optional()),
      fixed: z.literal(5n),
      none: z.undefined(),
    }),
  )
  const value = {
    big: -(10n ** 30n),
    at: new Date(1_790_000_000_123),
    map: new Map([['a"b', 1n]]),
    set: new Set([new Date(0)]),
    bytes: new Uint8Array([0, 255, 7]),
    left: undefined,
    list: ['x', undefined],
    fixed: 5n as const,
    none: undefined,
  }
  const wire = {
    big: `-1${'0'.repeat(30)}`,
    at: '2026-09-21T14:13:20.123Z',
    map: [['a"b', '1']],
    set: ['1970-01-01T00:00:00.000Z'],
    bytes: 'AP8H',
    list: ['x', null],
    fixed: '5',
  }
  assert.deepEqual(JSON.parse(compiled.encode(value)), wire)
  const decoded = compiled.decode(wire)
  assert.ok(decoded.ok)
  const { left, ...there } = value
  assert.equal(left, undefined)
  assert.deepEqual(decoded.value, there)
})

test('a wire value in the wrong form is refused with an issue of zod', () => {
  const twice = [
    ['a', 1],
    ['a', 1],
  ]
  const cases: readonly (readonly [z.ZodType, ...unknown[]])[] = [
    [z.bigint(), '1.5', '', 'x', 1.5, 2 ** 60, true, null, '9'.repeat(1_001)],
    [z.date(), '2026-02-30T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00', 'x', 5, ''],
    [z.map(z.string(), z.int()), {}, [['a']], [['a', 1, 2]], [1], 'x', twice],
    [z.set(z.int()), {}, 'x', ['x']],
    [z.instanceof(Uint8Array), 'A', 'A===', 'A A=', 5, [1]],
    [z.string(), null, 5],
    [z.object({ a: z.string().optional() }), { a: null }],
    [z.number(), '5'],
    [z.boolean(), 'true'],
  ]
  for (const [schema, ...wires] of cases) {
    const compiled = compileSchema(schema)
    for (const wire of wires) {
      const decoded = compiled.decode(wire)
      assert.ok(!decoded.ok, `${schema.def.type} took ${JSON.stringify(wire)}`)
      assert.ok((decoded.issues[0]?.message ?? '') !== '')
      assert.equal(compiled.decodeOrInvalid(wire), invalid)
    }
  }
})

test('other spellings of the same value are read', () => {
  assert.deepEqual(compileSchema(z.bigint()).decode(12), { ok: true, value: 12n })
  assert.deepEqual(compileSchema(z.bigint()).decode('-0012'), { ok: true, value: -12n })
  for (const text of ['1970-01-01T01:00:00+01:00', '1970-01-01T00:00Z', '1970-01-01T00:00:00.0Z']) {
    assert.deepEqual(compileSchema(z.date()).decode(text), { ok: true, value: new Date(0) })
  }
  const far = new Date(8.64e15)
  const compiled = compileSchema(z.date())
  assert.deepEqual(compiled.decode(JSON.parse(compiled.encode(far))), { ok: true, value: far })
})

test('an absent result travels as null', () => {
  for (const schema of [z.void(), z.undefined(), z.string().optional()]) {
    const compiled = compileSchema<z.ZodType<unknown>>(schema)
    assert.equal(compiled.encode(undefined), 'null')
    assert.deepEqual(compiled.decode(null), { ok: true, value: undefined })
  }
})

test('an absent field is absent, also when its name is inherited', () => {
  const compiled = compileSchema(z.object({ toString: z.string().optional(), a: z.int() }))
  assert.deepEqual(compiled.decode({ a: 1 }), { ok: true, value: { a: 1 } })
  assert.equal(compiled.encode({ a: 1 } as never), '{"a":1}')
})

test('codecs are turned back, wherever they stand', () => {
  const schema = z.object({
    at: instant,
    all: z.array(instant),
    by: z.record(z.string(), instant),
    either: z.union([z.object({ at: instant }), z.null()]),
    maybe: instant.optional(),
    flag: z.stringbool(),
  })
  const compiled = compileSchema(schema)
  const at = new Date(0)
  const value = { at, all: [at], by: { a: at }, either: { at }, flag: true }
  const text = compiled.encode(value)
  const iso = at.toISOString()
  const expected = { at: iso, all: [iso], by: { a: iso }, either: { at: iso }, flag: 'true' }
  assert.deepEqual(JSON.parse(text), expected)
  assert.deepEqual(compiled.decode(JSON.parse(text)), { ok: true, value })
})

test('what a one-way transform made is encoded by its run-time type', () => {
  const compiled = compileSchema(
    z.object({ n: z.string().transform((text) => BigInt(text.length)) }),
  )
  assert.equal(compiled.encode({ n: 3n }), '{"n":"3"}')
})

test('what JSON cannot carry is refused, not written as null', () => {
  const compiled = compileSchema(z.unknown())
  const endless: unknown[] = []
  endless.push(endless)
  for (const value of [
    NaN,
    Infinity,
    () => 1,
    Symbol('s'),
    new Date(NaN),
    new URL('a:b'),
    endless,
  ]) {
    assert.throws(
      () => compiled.encode(value),
      (error) => error instanceof BanyanError && error.code === 'KERNEL_VALUE_UNENCODABLE',
    )
  }
})

test('text is escaped as JSON asks', () => {
  const compiled = compileSchema(z.object({ 'k"\n': z.string() }))
  for (const text of ['"', '\\', '\n', '\u0000', '\u2028', '\ud800', '🎉', '</script>', '\u007f']) {
    const value = { 'k"\n': text }
    assert.deepEqual(JSON.parse(compiled.encode(value)), value)
    assert.equal(compiled.encode(value), JSON.stringify(value))
  }
})

test('every combination of absent fields has its commas right', () => {
  const maybe = z.int().optional()
  const shapes = [
    z.object({ a: maybe, b: maybe, c: maybe }),
    z.object({ a: maybe, b: z.int(), c: maybe }),
    z.object({ a: z.int(), b: maybe, c: z.int() }),
    z.object({}),
  ]
  for (const schema of shapes) {
    const compiled = compileSchema<z.ZodType<unknown>>(schema)
    for (let bits = 0; bits < 8; bits += 1) {
      const given = { a: 1, b: 2, c: 3 }
      const copy = compiled.copy(
        Object.fromEntries(Object.entries(given).filter((_, at) => (bits >> at) & 1)),
      )
      if (copy.ok) assert.equal(compiled.encode(copy.value), JSON.stringify(copy.value))
    }
  }
})

const search = z.object({
  page: z.int().min(1).default(1),
  ratio: z.number().optional(),
  exact: z.boolean().optional(),
  tags: z.array(z.string()).max(3).optional(),
  ids: z.set(z.bigint()).optional(),
  since: z.date().optional(),
  level: z.literal([1, 2]).optional(),
  by: z.enum(['price', 'name']).optional(),
})

test('path and query text is read as the schema says', () => {
  const compiled = compileSchema(search)
  const result = compiled.decodeText({
    page: '2',
    ratio: '-1.5e2',
    exact: 'false',
    tags: 'longer than three',
    ids: ['1', '2'],
    since: '1970-01-01T00:00:00Z',
    level: '2',
    by: 'price',
  })
  assert.deepEqual(result, {
    ok: true,
    value: {
      page: 2,
      ratio: -150,
      exact: false,
      tags: ['longer than three'],
      ids: new Set([1n, 2n]),
      since: new Date(0),
      level: 2,
      by: 'price',
    },
  })
  assert.deepEqual(compiled.decodeText({}), { ok: true, value: { page: 1 } })
  assert.deepEqual(compiled.decodeText({ tags: ['a', 'b'], page: undefined }), {
    ok: true,
    value: { page: 1, tags: ['a', 'b'] },
  })
})

test('text that is no number, boolean or single value is refused', () => {
  const compiled = compileSchema(search)
  const spoilt = [
    ...['', 'x', '1x', '0x10', ' 1', 'Infinity', 'NaN', '1e999', '0', '1.5'].map((page) => ({
      page,
    })),
    ...['1', 'TRUE', ''].map((exact) => ({ exact })),
    { page: ['1', '2'] },
    { tags: ['a', 'b', 'c', 'd'] },
    { level: '3' },
    { by: 'size' },
  ]
  for (const fields of spoilt) {
    const result = compiled.decodeText(fields)
    assert.ok(!result.ok, JSON.stringify(fields))
    assert.deepEqual(result.issues[0]?.path, Object.keys(fields))
  }
})
