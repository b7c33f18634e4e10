import { command, contract, event, failure, query } from 'banyan/contract'
import { z } from 'zod'
import { skuSchema } from '../catalog/contract.ts'

/** Where a drill may kill the process. */
export { purchasingFaultPoints } from './fault-points.ts'

/** `proposed` waits for a clerk, `approved` goes to the supplier, `ordered` waits for the goods; the others are
 *  over. */
export const purchaseOrderStates = [
  'proposed',
  'approved',
  'ordered',
  'received',
  'rejected',
  'expired',
] as const
export type PurchaseOrderState = (typeof purchaseOrderStates)[number]

const decisionSchema = z.enum(['approved', 'rejected'])
export type Decision = z.output<typeof decisionSchema>

/** Units of one delivery, as `inventory.receive` takes them. */
export const deliveredCountMax = 1_000_000
const countSchema = z.int().min(1).max(deliveredCountMax)

const purchaseOrderKey = z.object({ purchaseOrderId: z.uuid() })
const purchaseOrderSchema = purchaseOrderKey.extend({
  sku: skuSchema,
  count: z.int(),
  state: z.enum(purchaseOrderStates),
  proposedAt: z.date(),
  decidedAt: z.date().optional(),
  decidedBy: z.string().optional(),
  orderedAt: z.date().optional(),
  deliveredAt: z.date().optional(),
  deliveredCount: z.int().optional(),
})
export type PurchaseOrder = z.output<typeof purchaseOrderSchema>

/** What is ordered from the supplier when a product runs low. */
export const purchasing = contract('purchasing', {
  failures: {
    purchaseOrderMissing: failure(
      'not_found',
      purchaseOrderKey,
      ({ purchaseOrderId }) => `there is no purchase order ${purchaseOrderId}`,
    ),
    transitionRefused: failure(
      'conflict',
      z.object({ purchaseOrderId: z.string(), from: z.string(), to: z.string() }),
      ({ purchaseOrderId, from, to }) =>
        `purchase order ${purchaseOrderId} is ${from}; it cannot become ${to}`,
    ),
  },
  operations: {
    list: query({
      summary: 'Lists purchase orders, newest first.',
      input: z.object({
        state: z.enum(purchaseOrderStates).optional(),
        /** The last purchase order of the page before. */
        before: z.uuid().optional(),
        pageSize: z.int().min(1).max(50).default(20),
      }),
      output: z.object({ purchaseOrders: z.array(purchaseOrderSchema), isLastPage: z.boolean() }),
      http: 'GET /purchase-orders',
      access: ['clerk'],
    }),
    get: query({
      summary: 'Reads a purchase order.',
      input: purchaseOrderKey,
      output: purchaseOrderSchema,
      http: 'GET /purchase-orders/{purchaseOrderId}',
      access: ['clerk'],
      failures: ['purchaseOrderMissing'],
    }),
    approve: command({
      summary: 'Approves a proposal; it then goes to the supplier.',
      input: purchaseOrderKey,
      output: purchaseOrderSchema,
      http: 'POST /purchase-orders/{purchaseOrderId}/approval',
      access: ['clerk'],
      failures: ['purchaseOrderMissing', 'transitionRefused'],
    }),
    reject: command({
      summary: 'Rejects a proposal. The next is made when the product runs low again.',
      input: purchaseOrderKey,
      output: purchaseOrderSchema,
      http: 'POST /purchase-orders/{purchaseOrderId}/rejection',
      access: ['clerk'],
      failures: ['purchaseOrderMissing', 'transitionRefused'],
    }),
    receive: command({
      summary: 'Notes the units that were delivered; they are in the stock soon after.',
      input: purchaseOrderKey.extend({ count: countSchema }),
      output: purchaseOrderSchema,
      http: 'POST /purchase-orders/{purchaseOrderId}/receipt',
      status: 202,
      access: ['clerk'],
      failures: ['purchaseOrderMissing', 'transitionRefused'],
    }),
  },
  events: {
    /** A clerk has said yes or no to a proposal. */
    decided: event({
      version: 1,
      payload: purchaseOrderKey.extend({ decision: decisionSchema }),
      key: ({ purchaseOrderId }) => purchaseOrderId,
    }),
    /** The goods have come. */
    delivered: event({
      version: 1,
      payload: purchaseOrderKey.extend({ count: countSchema }),
      key: ({ purchaseOrderId }) => purchaseOrderId,
    }),
  },
})
