import type { MessageContext } from 'banyan/module'
import { z } from 'zod'
import type { inventory } from '../inventory/contract.ts'
import type { purchasingTables } from './rows.ts'

const dayMs = 86_400_000

export const purchasingConfig = z.object({
  /** PURCHASING_APPROVAL_MS: so long a proposal waits for a clerk; then it expires. */
  approvalMs: z.coerce
    .number()
    .int()
    .min(100)
    .max(366 * dayMs)
    .default(3 * dayMs),
  /** PURCHASING_OVERDUE_MS: after so long, again and again, the log warns of goods that have not come. */
  overdueMs: z.coerce
    .number()
    .int()
    .min(100)
    .max(366 * dayMs)
    .default(14 * dayMs),
  /** PURCHASING_TARGET_FACTOR: a product is ordered up to so many times its reorder point. */
  targetFactor: z.coerce.number().int().min(1).max(100).default(3),
  /** PURCHASING_FROM: who orders; its domain is that of the orders' Message-IDs. */
  from: z.email().max(200).default('purchasing@shop.example'),
  /** PURCHASING_SUPPLIER: where orders go. */
  supplier: z.email().max(200).default('orders@supplier.example'),
})
export type PurchasingConfig = z.output<typeof purchasingConfig>

/** Of work on events and of the saga. */
export type PurchasingContext = MessageContext<
  typeof purchasingTables,
  readonly [typeof inventory],
  PurchasingConfig
>
