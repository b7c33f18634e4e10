/** The order as a Banyan contract: the same rules as the peers' schemas. */
import { command, contract } from 'banyan/contract'
import { z } from 'zod'
import { currencies } from './order.ts'

const text = (max: number) => z.string().min(1).max(max)
const minor = z.int().min(0).max(1_000_000_000)
const currency = z.enum(currencies)

const orderRequest = z.object({
  orderId: z.uuid(),
  customerId: z.int().min(1),
  email: z.email(),
  currency,
  placedOn: z.iso.date(),
  express: z.boolean(),
  discountPercent: z.int().min(0).max(100),
  note: z.string().max(200),
  tags: z.array(text(32)).max(8),
  address: z.object({
    street: text(100),
    city: text(60),
    zip: text(12),
    country: z.string().length(2),
  }),
  lines: z
    .array(z.object({ sku: text(32), quantity: z.int().min(1).max(100), unitMinor: minor }))
    .min(1)
    .max(50),
})

const orderReply = z.object({
  orderId: z.string(),
  placedBy: z.string(),
  status: z.enum(['accepted', 'review']),
  email: z.string(),
  currency,
  placedOn: z.string(),
  fieldCount: z.int(),
  lineCount: z.int(),
  grossMinor: z.int(),
  discountMinor: z.int(),
  netMinor: z.int(),
  shipTo: z.object({ city: z.string(), country: z.string() }),
  lines: z.array(z.object({ sku: z.string(), quantity: z.int(), amountMinor: z.int() })),
})

export const orders = contract('orders', {
  operations: {
    place: command({
      summary: 'Prices an order.',
      input: orderRequest,
      output: orderReply,
      access: 'customer',
      http: 'POST /orders',
    }),
  },
})
