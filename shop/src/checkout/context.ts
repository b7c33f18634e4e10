import type { CommandContext } from 'banyan/module'
import { z } from 'zod'
import type { cart } from '../cart/contract.ts'
import type { catalog } from '../catalog/contract.ts'
import type { inventory } from '../inventory/contract.ts'
import type { ledger } from '../ledger/contract.ts'
import type { orders } from '../orders/contract.ts'
import type { payments } from '../payments/contract.ts'
import type { checkoutTables } from './rows.ts'

/** Settings: CHECKOUT_HOLD_MS and so on, in ms. */
export const checkoutConfig = z.object({
  /** How long goods are held for a payment. */
  holdMs: z.coerce.number().int().min(1_000).max(86_400_000).default(900_000),
  /** How long a step may stand still before somebody else takes over. Longer than the timeout of
   *  `submit`, else recovery works beside a customer who is being served (harmless, but wasted). */
  leaseMs: z.coerce.number().int().min(100).max(600_000).default(16_000),
  /** First pause after a step that did not answer; it doubles, up to 30 s. */
  retryMs: z.coerce.number().int().min(10).max(30_000).default(1_000),
})

export type CheckoutContext = CommandContext<
  typeof checkoutTables,
  readonly [
    typeof cart,
    typeof catalog,
    typeof inventory,
    typeof ledger,
    typeof orders,
    typeof payments,
  ],
  z.output<typeof checkoutConfig>
>
