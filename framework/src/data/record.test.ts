import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeRecord, encodeRecord } from './record.ts'

test('any plain value comes back equal', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, maxDepth: 2 }),
      fc.bigInt(),
      fc.date({ noInvalidDate: true }),
      fc.double(),
      fc.uint8Array(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        fc.oneof(fc.constantFrom('$', '__proto__', 'constructor'), fc.string()),
        tie('value'),
      ),
    ),
  }))
  fc.assert(
    fc.property(value, (plain) => {
      let text: string
      try {
        text = encodeRecord(plain)
      } catch {
        return
      }
      assert.deepStrictEqual(decodeRecord(text), normal(plain))
    }),
    { numRuns: 500 },
  )
})

/** Objects without a prototype come back with the usual one. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, normal)
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [normal(k), normal(v)]))
  if (value instanceof Set) return new Set([...value].map(normal))
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, normal(v)]))
}

test('what is not plain data is refused by its type', () => {
  class Money {}
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  for (const value of [() => 1, Symbol('x'), new Money(), cycle, new Date(Number.NaN), /x/]) {
    assert.throws(() => encodeRecord(value), { code: 'KERNEL_VALUE_UNENCODABLE' })
  }
})

test('a damaged record is refused', () => {
  for (const text of ['', '{"$":["later"]}', '{"$":["set",1]}', '{"$":["map",[],2]}']) {
    assert.throws(() => decodeRecord(text), { code: 'DATA_RECORD_INVALID' })
  }
})
