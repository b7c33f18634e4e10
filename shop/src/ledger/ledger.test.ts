import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectAsOwner } from '../../testing/owner-query.ts'
import { openTestShop } from '../../testing/test-shop.ts'
import { money } from '../money/index.ts'
import { ledger } from './contract.ts'

const sale = (amountMinor: bigint) => [
  { account: 'psp-clearing' as const, amount: money(amountMinor, 'EUR') },
  { account: 'sales' as const, amount: money(-amountMinor, 'EUR') },
]

test('an entry is booked once per source and reference, with the same postings', async () => {
  await using shop = await openTestShop()
  const api = shop.app.operator.of(ledger)
  const key = { source: 'sale' as const, reference: 'order-1' }
  const first = await api.post({ ...key, postings: sale(100n) })
  assert.deepEqual(await api.post({ ...key, postings: sale(100n) }), first)
  await assert.rejects(api.post({ ...key, postings: sale(101n) }), {
    code: 'LEDGER_ENTRY_DIFFERS',
  })
  const entry = await shop.clerk.of(ledger).entry(key)
  assert.deepEqual(entry, { ...key, ...first, postings: sale(100n) })
  await assert.rejects(shop.clerk.of(ledger).entry({ ...key, reference: 'none' }), {
    code: 'LEDGER_ENTRY_MISSING',
  })
})

test('postings that do not sum to zero are refused, by the module and by the database', async () => {
  await using shop = await openTestShop()
  const [debit] = sale(100n)
  assert.ok(debit !== undefined)
  const lopsided = { source: 'sale' as const, reference: 'order-1', postings: [debit, debit] }
  await assert.rejects(shop.app.operator.of(ledger).post(lopsided), {
    code: 'LEDGER_ENTRY_UNBALANCED',
  })
  await using owner = await connectAsOwner(shop.app.server)
  await owner.query('begin')
  const id = '018f0000-0000-7000-8000-000000000000'
  await owner.query(`insert into ledger.entry values ('${id}', 'sale', 'x', now())`)
  await owner.query(`insert into ledger.posting values ('${id}', 0, 'sales', 5, 'EUR')`)
  await assert.rejects(owner.query('commit'), /does not sum to zero/)
  await assert.rejects(
    owner.query(`insert into ledger.entry values ('${id}', 'sale', 'y', now())`),
    /has no postings/,
  )
})

test('the books are append-only', async () => {
  await using shop = await openTestShop()
  const entry = { source: 'sale' as const, reference: 'order-1', postings: sale(100n) }
  await shop.app.operator.of(ledger).post(entry)
  await using owner = await connectAsOwner(shop.app.server)
  await assert.rejects(owner.query('update ledger.posting set amount_minor = 1'), /append-only/)
  await assert.rejects(owner.query('delete from ledger.entry'), /append-only/)
})
