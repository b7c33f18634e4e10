import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import * as z from 'zod'
import { compileSchema, type Issue, invalid } from './index.ts'

class Point {
  a = 'point'
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

test('an optional recursive schema is bounded as well, and null at its root is undefined', () => {
  const compiled = compileSchema(tree.optional())
  let deep: Tree = { children: [] }
  for (let level = 0; level < 1_000; level += 1) deep = { children: [deep] }
  assert.equal(compiled.decodeOrInvalid(deep), invalid)
  assert.equal(issuesOf(compiled.decode(deep))[0]?.code, 'too_deep')
  assert.deepEqual(compiled.decode(null), { ok: true, value: undefined })
})

test('what the compiled code refuses and zod accepts is accepted', () => {
  const compiled = compileSchema(z.set(z.string()).max(1))
  assert.equal(compiled.decodeOrInvalid(['a', 'a']), invalid)
  assert.deepEqual(compiled.decode(['a', 'a']), { ok: true, value: new Set(['a']) })
})

test('a schema says whether decoding loses what encoding would need', () => {
  const isOneWay = (schema: z.ZodType): boolean => compileSchema(schema).isOneWay
  assert.equal(isOneWay(z.array(z.string().transform(Number))), true)
  assert.equal(isOneWay(z.string().pipe(z.coerce.number())), true)
  assert.equal(
    isOneWay(z.object({ flag: z.stringbool(), at: z.date().default(new Date(0)) })),
    false,
  )
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
