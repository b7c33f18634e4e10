import type { Address, OrderLine, Receipt } from '../orders/contract.ts'
import type { Money } from '../money/index.ts'

/** All that an invoice says; equal invoices are printed to equal bytes. */
export interface Invoice {
  readonly orderId: string
  readonly paidAt: Date
  readonly seller: string
  readonly lines: readonly OrderLine[]
  readonly total: Money
  readonly shippingAddress: Address
}

export function invoiceOf(receipt: Receipt, seller: string): Invoice {
  const { orderId, paidAt, lines, total, shippingAddress } = receipt
  return { orderId, paidAt, seller, lines, total, shippingAddress }
}
