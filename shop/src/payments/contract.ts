import { command, contract, failure, query } from 'banyan/contract'
import { z } from 'zod'
import { currencySchema, moneySchema } from '../money/index.ts'

/** Where a drill may kill the process. */
export { paymentsFaultPoints } from './fault-points.ts'

/** The states that end in `…ing` are intents: the provider has been or will be asked, and asking it
 *  again under the same key is how to find out. */
export const paymentStates = [
  'authorising',
  'authorised',
  'declined',
  'capturing',
  'captured',
  'voiding',
  'voided',
  'refunding',
  'refunded',
] as const
export type PaymentState = (typeof paymentStates)[number]

/** A token that stands for a card or account at the provider; never the card itself. */
export const instrumentSchema = z.string().regex(/^tok_[a-z0-9_]{1,60}$/)

const paymentKey = z.object({ paymentId: z.uuid() })
const outcomeSchema = paymentKey.extend({ state: z.enum(paymentStates) })

const totalsSchema = z.object({
  currency: currencySchema,
  capturedMinor: z.bigint(),
  refundedMinor: z.bigint(),
})

/** Money from customers, through a payment service provider that may be slow, down or silent. */
export const payments = contract('payments', {
  failures: {
    declined: failure(
      'conflict',
      z.object({ paymentId: z.string(), reason: z.string() }),
      ({ reason }) => `the payment was declined: ${reason}`,
    ),
    captureRefused: failure(
      'conflict',
      z.object({ paymentId: z.string(), reason: z.string() }),
      ({ reason }) => `the provider will not capture the payment: ${reason}`,
    ),
    paymentMissing: failure(
      'not_found',
      z.object({ paymentId: z.string() }),
      ({ paymentId }) => `there is no payment ${paymentId}`,
    ),
    paymentClosed: failure(
      'conflict',
      z.object({ paymentId: z.string(), state: z.string() }),
      ({ paymentId, state }) => `payment ${paymentId} is ${state}`,
    ),
    providerUnresolved: failure(
      'unavailable',
      z.object({ paymentId: z.string(), cause: z.string() }),
      ({ paymentId, cause }) =>
        `the provider has not said what became of payment ${paymentId} (${cause}); asking again is safe`,
    ),
  },
  operations: {
    authorise: command({
      summary: 'Asks the provider to set money aside; a payment id is authorised once.',
      input: paymentKey.extend({
        reference: z.string().min(1).max(100),
        amount: moneySchema.extend({ amountMinor: z.bigint().positive() }),
        instrument: instrumentSchema,
      }),
      output: outcomeSchema,
      access: 'internal',
      failures: ['declined', 'paymentClosed', 'providerUnresolved'],
      criticality: 'critical',
    }),
    capture: command({
      summary: 'Takes the money that was set aside.',
      input: paymentKey,
      output: outcomeSchema,
      access: 'internal',
      failures: ['captureRefused', 'paymentMissing', 'paymentClosed', 'providerUnresolved'],
      criticality: 'critical',
    }),
    void: command({
      summary:
        'Lets go of money that was set aside, also when that is not known yet. A payment that never was is closed, so that a late `authorise` cannot open it.',
      input: paymentKey,
      output: outcomeSchema,
      access: 'internal',
      failures: ['paymentClosed', 'providerUnresolved'],
      criticality: 'critical',
    }),
    refund: command({
      summary: 'Pays captured money back in full.',
      input: paymentKey,
      output: outcomeSchema,
      access: 'internal',
      failures: ['paymentMissing', 'paymentClosed', 'providerUnresolved'],
      criticality: 'critical',
    }),
    payment: query({
      summary: 'Reads the state of a payment.',
      input: paymentKey,
      output: outcomeSchema.extend({ reference: z.string(), amount: moneySchema.optional() }),
      http: 'GET /payments/{paymentId}',
      access: ['clerk'],
      failures: ['paymentMissing'],
    }),
    reconcile: query({
      summary: 'Compares our totals with the provider’s, per currency.',
      input: z.object({}),
      output: z.object({
        own: z.array(totalsSchema),
        provider: z.array(totalsSchema),
        isEqual: z.boolean(),
      }),
      http: 'GET /reconciliation',
      access: ['clerk'],
      failures: ['providerUnresolved'],
      criticality: 'background',
    }),
  },
})
