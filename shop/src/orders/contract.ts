import { command, contract, event, failure, query } from 'banyan/contract'
import { z } from 'zod'
import { moneySchema } from '../money/index.ts'

/** Where a drill may kill the process. */
export { ordersFaultPoints } from './fault-points.ts'

export const orderStates = [
  'placed',
  'paid',
  'packed',
  'shipped',
  'delivered',
  'cancelling',
  'cancelled',
  'refunding',
  'refunded',
] as const
export type OrderState = (typeof orderStates)[number]

export const addressSchema = z.object({
  name: z.string().min(1).max(120),
  street: z.string().min(1).max(120),
  postalCode: z.string().min(1).max(16),
  city: z.string().min(1).max(80),
  country: z.string().regex(/^[A-Z]{2}$/),
  /** Where confirmation and invoice go; without it, none is sent. */
  email: z.email().max(254).optional(),
})
export type Address = z.output<typeof addressSchema>

export const orderLineSchema = z.object({
  sku: z.string().min(1).max(32),
  name: z.string(),
  count: z.int().min(1),
  price: moneySchema,
})
export type OrderLine = z.output<typeof orderLineSchema>

const orderKey = z.object({ orderId: z.uuid() })
const orderSchema = orderKey.extend({
  state: z.enum(orderStates),
  version: z.int(),
  placedAt: z.date(),
  total: moneySchema,
  lines: z.array(orderLineSchema),
  shippingAddress: addressSchema,
  history: z.array(z.object({ state: z.enum(orderStates), at: z.date() })),
})
export type Order = z.output<typeof orderSchema>

const stateSchema = orderKey.extend({ state: z.enum(orderStates), version: z.int() })
export type OrderOutcome = z.output<typeof stateSchema>

/** What an invoice says. Nothing of it changes once the order is paid. */
const receiptSchema = orderKey.extend({
  paidAt: z.date(),
  total: moneySchema,
  lines: z.array(orderLineSchema),
  shippingAddress: addressSchema,
})
export type Receipt = z.output<typeof receiptSchema>

/** What was bought, and how far it has come. */
export const orders = contract('orders', {
  failures: {
    orderMissing: failure(
      'not_found',
      z.object({ orderId: z.string() }),
      ({ orderId }) => `you have no order ${orderId}`,
    ),
    transitionRefused: failure(
      'conflict',
      z.object({ orderId: z.string(), from: z.string(), to: z.string() }),
      ({ orderId, from, to }) => `order ${orderId} is ${from}; from there it cannot become ${to}`,
    ),
  },
  operations: {
    get: query({
      summary: 'Reads an order of the caller; a clerk may read any.',
      input: orderKey,
      output: orderSchema,
      http: 'GET /orders/{orderId}',
      access: ['customer', 'clerk'],
      failures: ['orderMissing'],
    }),
    mine: query({
      summary: 'Lists the orders of the caller, newest first.',
      input: z.object({
        /** The last order of the page before. */
        before: z.uuid().optional(),
        pageSize: z.int().min(1).max(50).default(20),
      }),
      output: z.object({
        orders: z.array(stateSchema.extend({ placedAt: z.date(), total: moneySchema })),
        isLastPage: z.boolean(),
      }),
      http: 'GET /orders',
      access: ['customer'],
    }),
    receipt: query({
      summary: 'Reads what the invoice of an order says, once it was paid.',
      input: orderKey,
      output: receiptSchema,
      access: 'internal',
      failures: ['orderMissing'],
    }),
    place: command({
      summary: 'Records an order; placed again under the same id, it is the same order.',
      input: orderKey.extend({
        customerId: z.string().min(1),
        reservationId: z.uuid(),
        paymentId: z.uuid(),
        lines: z.array(orderLineSchema).min(1).max(50),
        total: moneySchema,
        shippingAddress: addressSchema,
      }),
      output: stateSchema,
      access: 'internal',
      criticality: 'critical',
    }),
    markPaid: command({
      summary: 'Notes that the money for an order has arrived.',
      input: orderKey,
      output: stateSchema,
      access: 'internal',
      failures: ['orderMissing', 'transitionRefused'],
      criticality: 'critical',
    }),
    abandon: command({
      summary: 'Cancels an order that will never be paid; one that never was stays away.',
      input: orderKey,
      output: orderKey,
      access: 'internal',
      failures: ['transitionRefused'],
      criticality: 'critical',
    }),
    advance: command({
      summary: 'Packs, ships or delivers an order.',
      input: orderKey.extend({ to: z.enum(['packed', 'shipped', 'delivered']) }),
      output: stateSchema,
      http: 'POST /orders/{orderId}/transitions',
      access: ['clerk'],
      failures: ['orderMissing', 'transitionRefused'],
    }),
    cancel: command({
      summary: 'Cancels an order that has not been shipped: stock and money go back.',
      input: orderKey,
      output: stateSchema,
      http: 'POST /orders/{orderId}/cancellation',
      access: ['customer', 'clerk'],
      failures: ['orderMissing', 'transitionRefused'],
      idempotency: 'required',
      timeout: '15s',
      criticality: 'critical',
    }),
    refund: command({
      summary: 'Pays a delivered order back.',
      input: orderKey,
      output: stateSchema,
      http: 'POST /orders/{orderId}/refund',
      access: ['clerk'],
      failures: ['orderMissing', 'transitionRefused'],
      idempotency: 'required',
      timeout: '15s',
      criticality: 'critical',
    }),
  },
  events: {
    /** Its money has arrived: from now on there is a receipt. */
    paid: event({ version: 1, payload: stateSchema, key: ({ orderId }) => orderId }),
    /** It was given up: never paid, or stock and money have gone back. */
    cancelled: event({ version: 1, payload: stateSchema, key: ({ orderId }) => orderId }),
  },
})
