import assert from 'node:assert/strict'
import { test } from 'node:test'
import { money } from '../money/index.ts'
import { isBalanced } from './post.ts'

test('an entry balances when each currency sums to zero by itself', () => {
  const sale = [
    { account: 'psp-clearing' as const, amount: money(1_995n, 'EUR') },
    { account: 'sales' as const, amount: money(-1_995n, 'EUR') },
  ]
  assert.ok(isBalanced(sale))
  assert.ok(!isBalanced(sale.slice(1)))
  const crossed = [
    { account: 'psp-clearing' as const, amount: money(1_995n, 'EUR') },
    { account: 'sales' as const, amount: money(-1_995n, 'USD') },
  ]
  assert.ok(!isBalanced(crossed))
})
