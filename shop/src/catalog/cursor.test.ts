import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCursor, tryParseCursor } from './cursor.ts'

test('a cursor carries its position through unchanged', () => {
  const position = { sort: 'name', key: 'Ärmel "x"', sku: 'A-1' } as const
  assert.deepEqual(tryParseCursor(formatCursor(position), 'name'), position)
})

test('a cursor of another order, of no order or with a foreign key is not accepted', () => {
  const price = formatCursor({ sort: 'priceUp', key: '100', sku: 'A-1' })
  assert.equal(tryParseCursor(price, 'priceDown'), undefined)
  assert.equal(tryParseCursor('nonsense', 'name'), undefined)
  assert.equal(tryParseCursor('', 'name'), undefined)
  const planted = formatCursor({ sort: 'priceUp', key: '1; drop', sku: 'A-1' })
  assert.equal(tryParseCursor(planted, 'priceUp'), undefined)
})
