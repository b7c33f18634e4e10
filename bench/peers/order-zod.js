// The order as zod schemas, for NestJS with its Standard Schema pipe and serializer.
import { z } from 'zod'
import { currencies } from '../endpoint/order.ts'

const text = (max) => z.string().min(1).max(max)
const minor = z.int().min(0).max(1_000_000_000)

export const orderRequestZod = z.object({
  orderId: z.uuid(),
  customerId: z.int().min(1),
  email: z.email(),
  currency: z.enum(currencies),
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

export const orderReplyZod = z.object({
  orderId: z.string(),
  placedBy: z.string(),
  status: z.enum(['accepted', 'review']),
  email: z.string(),
  currency: z.enum(currencies),
  placedOn: z.string(),
  fieldCount: z.int(),
  lineCount: z.int(),
  grossMinor: z.int(),
  discountMinor: z.int(),
  netMinor: z.int(),
  shipTo: z.object({ city: z.string(), country: z.string() }),
  lines: z.array(z.object({ sku: z.string(), quantity: z.int(), amountMinor: z.int() })),
})
