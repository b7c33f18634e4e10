import { command, contract, event, failure, query } from 'banyan/contract'
import { z } from 'zod'
import { skuSchema } from '../catalog/contract.ts'

const sku = skuSchema
const countSchema = z.int().min(1).max(1_000)
const linesSchema = z
  .array(z.object({ sku, count: countSchema }))
  .min(1)
  .max(50)

/** `held` may still end; `confirmed` is sold; the others are over. */
export const reservationStates = ['held', 'confirmed', 'released', 'expired', 'returned'] as const
export type ReservationState = (typeof reservationStates)[number]

const reservationSchema = z.object({
  reservationId: z.uuid(),
  state: z.enum(reservationStates),
  expiresAt: z.date(),
})
export type Reservation = z.output<typeof reservationSchema>

const reorderLevelSchema = z.object({ sku, available: z.int(), reorderPoint: z.int() })

const reservationKey = z.object({ reservationId: z.uuid() })

/** How much of each product there is, and for whom it is kept. */
export const inventory = contract('inventory', {
  failures: {
    soldOut: failure(
      'conflict',
      z.object({ sku: z.string(), requested: z.int(), available: z.int() }),
      ({ sku, requested, available }) => `${sku}: ${requested} wanted, ${available} left`,
    ),
    stockMissing: failure(
      'not_found',
      z.object({ sku: z.string() }),
      ({ sku }) => `no stock is kept of ${sku}`,
    ),
    productMissing: failure(
      'not_found',
      z.object({ sku: z.string() }),
      ({ sku }) => `the catalogue has no product ${sku}`,
    ),
    reservationClosed: failure(
      'conflict',
      z.object({ reservationId: z.string(), state: z.string() }),
      ({ reservationId, state }) => `reservation ${reservationId} is ${state}`,
    ),
    skuRepeated: failure(
      'invalid',
      z.object({ sku: z.string() }),
      ({ sku }) => `${sku} is named twice; add up its counts`,
    ),
  },
  operations: {
    stock: query({
      summary: 'Reads how many units of a product can be bought now.',
      input: z.object({ sku }),
      output: z.object({ sku, available: z.int() }),
      http: 'GET /stock/{sku}',
      access: 'public',
      failures: ['stockMissing'],
      timeout: '2s',
    }),
    levels: query({
      summary: 'Reads what happened to every unit of a product that was ever received.',
      input: z.object({ sku }),
      output: z.object({
        sku,
        received: z.int(),
        available: z.int(),
        held: z.int(),
        sold: z.int(),
      }),
      http: 'GET /stock/{sku}/levels',
      access: ['clerk'],
      failures: ['stockMissing'],
      timeout: '2s',
    }),
    reorderPoint: query({
      summary: 'Reads how many units of a product there are, and below how many it runs low.',
      input: z.object({ sku }),
      output: reorderLevelSchema,
      http: 'GET /stock/{sku}/reorder-point',
      access: ['clerk'],
      failures: ['stockMissing'],
      timeout: '2s',
    }),
    setReorderPoint: command({
      summary: 'Sets below how many available units a product runs low; 0 for one that never does.',
      input: z.object({ sku, reorderPoint: z.int().min(0).max(1_000_000) }),
      output: reorderLevelSchema,
      http: 'PUT /stock/{sku}/reorder-point',
      access: ['clerk'],
      failures: ['stockMissing'],
    }),
    receive: command({
      summary: 'Books delivered units of a product of the catalogue.',
      input: z.object({ sku, count: z.int().min(1).max(1_000_000) }),
      output: z.object({ sku, available: z.int() }),
      http: 'POST /stock/{sku}/receipts',
      status: 201,
      access: ['clerk'],
      failures: ['productMissing'],
      idempotency: 'required',
    }),
    reserve: command({
      summary: 'Holds all lines for a while, or none of them.',
      input: z.object({
        reservationId: z.uuid(),
        lines: linesSchema,
        holdMs: z.int().min(1_000).max(86_400_000),
      }),
      output: reservationSchema,
      access: 'internal',
      failures: ['soldOut', 'stockMissing', 'reservationClosed', 'skuRepeated'],
      criticality: 'critical',
    }),
    confirm: command({
      summary: 'Turns a hold into a sale; repeating it changes nothing.',
      input: reservationKey,
      output: reservationSchema,
      access: 'internal',
      failures: ['reservationClosed'],
      criticality: 'critical',
    }),
    release: command({
      summary:
        'Gives back whatever the reservation took, also after the sale. A reservation that never was is closed, so that a late `reserve` cannot open it.',
      input: reservationKey,
      output: reservationSchema,
      access: 'internal',
      criticality: 'critical',
    }),
  },
  events: {
    reserved: event({
      version: 1,
      payload: reservationSchema,
      key: ({ reservationId }) => reservationId,
    }),
    /** Fewer units are available than the reorder point, and before there were not. */
    ranLow: event({ version: 1, payload: reorderLevelSchema, key: ({ sku }) => sku }),
  },
})
