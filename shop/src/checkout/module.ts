import { module } from 'banyan/module'
import { cart } from '../cart/contract.ts'
import { catalog } from '../catalog/contract.ts'
import { inventory } from '../inventory/contract.ts'
import { ledger } from '../ledger/contract.ts'
import { orders } from '../orders/contract.ts'
import { payments } from '../payments/contract.ts'
import { checkoutConfig } from './context.ts'
import { checkout } from './contract.ts'
import { recoverCheckouts } from './drive.ts'
import { findCheckout } from './record.ts'
import { failureOf } from './refusal.ts'
import { checkoutTables } from './rows.ts'
import { outcomeOf, refusalOf, submitCheckout } from './submit.ts'

export const checkoutModule = module(checkout, {
  uses: [cart, catalog, inventory, ledger, orders, payments],
  tables: checkoutTables,
  config: checkoutConfig,
  handlers: {
    submit: (input, ctx) => submitCheckout(ctx, input),
    status: async ({ checkoutId }, { db, principal }) => {
      const found = await findCheckout(db, checkoutId)
      if (found.customer_id !== principal.subject) {
        throw checkout.failures.checkoutMissing({ checkoutId })
      }
      const outcome = outcomeOf(found)
      if (found.state !== 'refused') return outcome
      const reason = failureOf(refusalOf(found)).message
      return { ...outcome, status: 'refused' as const, reason }
    },
  },
  schedules: { recover: { every: '1s', timeout: '30s', run: recoverCheckouts } },
})
