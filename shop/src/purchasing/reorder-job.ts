import { job } from 'banyan/module'
import { z } from 'zod'

/** Takes one purchase order from its proposal to its end. */
export const reorder = job('reorder', {
  input: z.object({ purchaseOrderId: z.uuid(), sku: z.string() }),
  timeout: '60s',
  // a mail server may be away for more than a day
  attemptsMax: 1_000,
  retry: { firstMs: 1_000, maxMs: 300_000 },
  unique: ({ purchaseOrderId }) => purchaseOrderId,
})
