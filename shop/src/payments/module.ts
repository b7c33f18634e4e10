import { module } from 'banyan/module'
import { paymentsConfig } from './context.ts'
import { payments } from './contract.ts'
import { authorise, capture, refund, voidPayment } from './operations.ts'
import { findPayment } from './payment.ts'
import { equalTotals, ownTotals, providerTotals } from './reconcile.ts'
import { paymentsTables } from './rows.ts'

export const paymentsModule = module(payments, {
  tables: paymentsTables,
  config: paymentsConfig,
  handlers: {
    authorise: (input, ctx) => authorise(ctx, input),
    capture: ({ paymentId }, ctx) => capture(ctx, paymentId),
    void: ({ paymentId }, ctx) => voidPayment(ctx, paymentId),
    refund: ({ paymentId }, ctx) => refund(ctx, paymentId),
    payment: async ({ paymentId }, ctx) => {
      const { state, reference, amount_minor, currency } = await findPayment(ctx.db, paymentId)
      if (amount_minor === null || currency === null) return { paymentId, state, reference }
      return { paymentId, state, reference, amount: { amountMinor: amount_minor, currency } }
    },
    reconcile: async (_input, ctx) => {
      const [own, provider] = await Promise.all([ownTotals(ctx.db), providerTotals(ctx)])
      return { own, provider, isEqual: equalTotals(own, provider) }
    },
  },
})
