/** The order of the full-endpoint bench: the request of eleven fields, the reply, and the handler
 *  that every server runs. Only what surrounds `priceOrder` differs between the servers. */

export const currencies = ['EUR', 'USD', 'GBP'] as const
export type Currency = (typeof currencies)[number]

export type OrderLine = {
  readonly sku: string
  readonly quantity: number
  readonly unitMinor: number
}

export type Address = {
  readonly street: string
  readonly city: string
  readonly zip: string
  readonly country: string
}

/** The arrays are mutable by type only because that is what a schema library infers. */
export type OrderRequest = {
  readonly orderId: string
  readonly customerId: number
  readonly email: string
  readonly currency: Currency
  readonly placedOn: string
  readonly express: boolean
  readonly discountPercent: number
  readonly note: string
  readonly tags: string[]
  readonly address: Address
  readonly lines: OrderLine[]
}

export type OrderReply = {
  readonly orderId: string
  readonly placedBy: string
  readonly status: 'accepted' | 'review'
  readonly email: string
  readonly currency: Currency
  readonly placedOn: string
  /** Keys that reached the handler in the order and its address: 15 when unknown ones are stripped. */
  readonly fieldCount: number
  readonly lineCount: number
  readonly grossMinor: number
  readonly discountMinor: number
  readonly netMinor: number
  readonly shipTo: { readonly city: string; readonly country: string }
  readonly lines: {
    readonly sku: string
    readonly quantity: number
    readonly amountMinor: number
  }[]
}

/** What the handler returns: one key more than the reply declares. A server that shapes its output
 *  does not let it out; the verifier looks for it. */
export type PricedOrder = OrderReply & { readonly internalMarginMinor: number }

/** The work of the endpoint: prices the lines. Pure, well under a microsecond. */
export function priceOrder(order: OrderRequest, placedBy: string): PricedOrder {
  const lines = order.lines.map((line) => ({
    sku: line.sku,
    quantity: line.quantity,
    amountMinor: line.quantity * line.unitMinor,
  }))
  let grossMinor = 0
  for (const line of lines) grossMinor += line.amountMinor
  const discountMinor = Math.floor((grossMinor * order.discountPercent) / 100)
  return {
    orderId: order.orderId,
    placedBy,
    status: grossMinor > 10_000_000 ? 'review' : 'accepted',
    email: order.email,
    currency: order.currency,
    placedOn: order.placedOn,
    fieldCount: Object.keys(order).length + Object.keys(order.address).length,
    lineCount: lines.length,
    grossMinor,
    discountMinor,
    netMinor: grossMinor - discountMinor,
    shipTo: { city: order.address.city, country: order.address.country },
    lines,
    internalMarginMinor: Math.floor(grossMinor / 7),
  }
}

/** The reply without the undeclared key: what the client must get. */
export function declaredReply(priced: PricedOrder): OrderReply {
  const { internalMarginMinor: _undeclared, ...reply } = priced
  return reply
}

/** A valid order, different for each index: 0, 1, 2 … */
export function sampleOrder(index: number): OrderRequest {
  return {
    orderId: `0193a1f0-7c00-7000-8000-${index.toString(16).padStart(12, '0')}`,
    customerId: 10_000 + index,
    email: `buyer-${index}@example.com`,
    currency: currencies[index % currencies.length] ?? 'EUR',
    placedOn: `2026-11-${String((index % 28) + 1).padStart(2, '0')}`,
    express: index % 2 === 0,
    discountPercent: index % 31,
    note: 'Please ring twice; the bell is shy.',
    tags: ['web', 'gift', `campaign-${index % 7}`],
    address: { street: `${index} Fig Tree Lane`, city: 'Kolkata', zip: '711103', country: 'IN' },
    lines: [
      { sku: `SKU-${1_000 + index}`, quantity: 1 + (index % 5), unitMinor: 1_999 },
      { sku: `SKU-${2_000 + index}`, quantity: 2, unitMinor: 450 + index },
      { sku: `SKU-${3_000 + index}`, quantity: 3, unitMinor: 12_900 },
    ],
  }
}
