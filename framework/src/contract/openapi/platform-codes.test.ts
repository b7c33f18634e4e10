import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { type ErrorKind, kindRules } from '../../kernel/index.ts'
import { command, type Operation, query } from '../index.ts'
import { platformCodesOf } from './platform-codes.ts'

const options = { input: z.object({}), output: z.object({}), access: ['clerk'] } as const
const operations: readonly Operation[] = [
  query(options),
  command({ ...options, idempotency: 'required' }),
]

/** Statuses that a code has instead of its kind's, as the http room gives them. */
const ownStatus: ReadonlyMap<number, ErrorKind> = new Map([
  [408, 'invalid'],
  [413, 'invalid'],
  [415, 'invalid'],
  [422, 'invalid'],
])

/** Codes whose kind asks for a repetition while their status is the one of the IETF draft. */
const ownStatusOfCode: ReadonlyMap<string, number> = new Map([['DATA_IDEMPOTENCY_IN_FLIGHT', 409]])

/** Code → kind, of every `errors.ts` of the framework. */
function errorTables(root: string): ReadonlyMap<string, string> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  const rows = files
    .filter((file) => /(^|[\\/])errors\.ts$/.test(file))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .flatMap((text) => [...text.matchAll(/defineError\(\s*'([A-Z_]+)',\s*'([a-z_]+)'/g)])
  return new Map(rows.map(([, code = '', kind = '']) => [code, kind]))
}

test('every code of the platform is in an error table of the framework, under that status', () => {
  const tables = errorTables(join(import.meta.dirname, '../..'))
  const found = operations.flatMap((operation) =>
    (['GET', 'POST'] as const).flatMap((method) => [
      ...platformCodesOf(operation, { method, hasParameters: true }),
    ]),
  )
  assert.ok(new Set(found.flatMap(([, codes]) => codes)).size > 25)
  for (const [status, codes] of found) {
    for (const code of codes) {
      const kind = tables.get(code)
      assert.ok(kind !== undefined, `${code} is in no error table`)
      const expected = ownStatus.get(status)
      if (expected === undefined) {
        const own = ownStatusOfCode.get(code) ?? kindRules[kind as ErrorKind].status
        assert.equal(own, status, code)
      } else assert.equal(kind, expected, code)
    }
  }
})

test('each code stands once under its status, in order', () => {
  for (const operation of operations) {
    const codes = platformCodesOf(operation, { method: 'POST', hasParameters: true })
    for (const list of codes.values()) assert.deepEqual(list, [...new Set(list)].toSorted())
  }
})
