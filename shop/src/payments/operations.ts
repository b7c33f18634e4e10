import type { PaymentsContext } from './context.ts'
import { payments } from './contract.ts'
import { type AuthoriseInput, beginPayment, beginVoid, moveAndFind } from './payment.ts'
import { askProvider, type PaymentAnswer, type ProviderAnswer } from './provider.ts'
import type { Payment } from './rows.ts'

/** What an operation came to. */
export interface Outcome {
  readonly paymentId: string
  readonly state: Payment['state']
}

/* Each operation has three parts: the intent is committed; the provider is asked under a key that is
   derived from the payment's id; the answer is committed. A crash anywhere leaves an intent, and doing
   the operation again finds out what became of it. */

/** @throws PAYMENTS_DECLINED · PAYMENTS_PAYMENT_CLOSED · PAYMENTS_PROVIDER_UNRESOLVED */
export async function authorise(ctx: PaymentsContext, input: AuthoriseInput): Promise<Outcome> {
  const begun = await ctx.transaction((tx) => beginPayment(tx, ctx.clock, input))
  if (begun.state !== 'authorising') return authorisationOf(begun)
  await ctx.faultPoint('payments.authorise.before')
  const answer = await withRightAmount(ctx, begun, await askToAuthorise(ctx, begun))
  await ctx.faultPoint('payments.authorise.after')
  return authorisationOf(
    await ctx.transaction((tx) =>
      moveAndFind(tx, ctx.clock, begun.id, {
        from: ['authorising'],
        to: answer.state === 'declined' ? 'declined' : 'authorised',
        providerId: answer.id,
        declineReason: answer.declineReason,
      }),
    ),
  )
}

/** @throws PAYMENTS_CAPTURE_REFUSED · PAYMENTS_PAYMENT_CLOSED · PAYMENTS_PROVIDER_UNRESOLVED */
export async function capture(ctx: PaymentsContext, paymentId: string): Promise<Outcome> {
  const begun = await ctx.transaction((tx) =>
    moveAndFind(tx, ctx.clock, paymentId, { from: ['authorised'], to: 'capturing' }),
  )
  if (begun.state === 'captured') return outcomeOf(begun)
  if (begun.state !== 'capturing') throw closed(begun)
  await ctx.faultPoint('payments.capture.before')
  const answer = await ask(ctx, begun, 'capture')
  await ctx.faultPoint('payments.capture.after')
  const isTaken = answer.type === 'payment'
  const recorded = await ctx.transaction((tx) =>
    moveAndFind(tx, ctx.clock, paymentId, {
      from: ['capturing'],
      to: isTaken ? 'captured' : 'authorised',
    }),
  )
  if (isTaken) return outcomeOf(recorded)
  throw payments.failures.captureRefused({ paymentId, reason: answer.reason })
}

/** @throws PAYMENTS_PAYMENT_CLOSED · PAYMENTS_PROVIDER_UNRESOLVED */
export async function voidPayment(ctx: PaymentsContext, paymentId: string): Promise<Outcome> {
  const begun = await ctx.transaction((tx) => beginVoid(tx, ctx.clock, paymentId))
  if (begun.state === 'voided' || begun.state === 'declined') return outcomeOf(begun)
  if (begun.state !== 'voiding') throw closed(begun)
  await ctx.faultPoint('payments.void.before')
  const known = begun.provider_id === null ? await resolveAuthorisation(ctx, begun) : begun
  if (known.decline_reason === null) assertDone(known, await ask(ctx, known, 'void'))
  await ctx.faultPoint('payments.void.after')
  return outcomeOf(
    await ctx.transaction((tx) =>
      moveAndFind(tx, ctx.clock, paymentId, {
        from: ['voiding'],
        to: 'voided',
        ...(known.provider_id !== null && { providerId: known.provider_id }),
      }),
    ),
  )
}

/** @throws PAYMENTS_PAYMENT_CLOSED · PAYMENTS_PROVIDER_UNRESOLVED */
export async function refund(ctx: PaymentsContext, paymentId: string): Promise<Outcome> {
  const begun = await ctx.transaction((tx) =>
    moveAndFind(tx, ctx.clock, paymentId, { from: ['captured'], to: 'refunding' }),
  )
  if (begun.state === 'refunded') return outcomeOf(begun)
  if (begun.state !== 'refunding') throw closed(begun)
  await ctx.faultPoint('payments.refund.before')
  const answer = await ask(ctx, begun, 'refund', { amountMinor: String(begun.amount_minor) })
  assertDone(begun, answer)
  await ctx.faultPoint('payments.refund.after')
  return outcomeOf(
    await ctx.transaction((tx) =>
      moveAndFind(tx, ctx.clock, paymentId, { from: ['refunding'], to: 'refunded' }),
    ),
  )
}

/** Asks for the authorisation under its own key: if it happened, this is its answer; if it did not,
 *  it happens now, and is let go at once. */
async function resolveAuthorisation(ctx: PaymentsContext, payment: Payment): Promise<Payment> {
  const answer = await askToAuthorise(ctx, payment)
  return { ...payment, provider_id: answer.id, decline_reason: answer.declineReason ?? null }
}

async function askToAuthorise(ctx: PaymentsContext, payment: Payment): Promise<PaymentAnswer> {
  const answer = await askProvider(ctx, {
    paymentId: payment.id,
    path: '/payments',
    key: `${payment.id}:authorise`,
    body: {
      reference: payment.reference,
      amountMinor: String(payment.amount_minor),
      currency: payment.currency ?? '',
      instrument: payment.instrument ?? '',
    },
  })
  if (answer.type === 'payment') return answer
  throw payments.failures.providerUnresolved({ paymentId: payment.id, cause: answer.reason })
}

/** An authorisation of another amount than was asked for is let go and counts as declined: nothing
 *  may be sold on it. */
async function withRightAmount(
  ctx: PaymentsContext,
  payment: Payment,
  answer: PaymentAnswer,
): Promise<PaymentAnswer> {
  const { amount_minor, currency } = payment
  const isRight = answer.amountMinor === String(amount_minor) && answer.currency === currency
  if (isRight || answer.state === 'declined') return answer
  const { amountMinor, currency: answered } = answer
  ctx.log.error({ paymentId: payment.id, amountMinor, currency: answered }, 'a wrong authorisation')
  assertDone(payment, await ask(ctx, { ...payment, provider_id: answer.id }, 'void'))
  return { ...answer, state: 'declined', declineReason: 'amount_differs' }
}

function ask(
  ctx: PaymentsContext,
  { id, provider_id }: Payment,
  operation: 'capture' | 'void' | 'refund',
  body: Readonly<Record<string, string>> = {},
): Promise<ProviderAnswer> {
  const path = `/payments/${provider_id ?? ''}/${operation}`
  return askProvider(ctx, { paymentId: id, path, key: `${id}:${operation}`, body })
}

/** A refusal here contradicts our own record: nothing is concluded from it. */
function assertDone({ id }: Payment, answer: ProviderAnswer): void {
  if (answer.type === 'payment') return
  throw payments.failures.providerUnresolved({ paymentId: id, cause: answer.reason })
}

function authorisationOf(payment: Payment): Outcome {
  if (payment.state === 'declined') {
    const reason = payment.decline_reason ?? 'no reason given'
    throw payments.failures.declined({ paymentId: payment.id, reason })
  }
  if (payment.state === 'voiding' || payment.state === 'voided') throw closed(payment)
  return outcomeOf(payment)
}

function outcomeOf({ id, state }: Payment): Outcome {
  return { paymentId: id, state }
}

function closed({ id, state }: Payment): Error {
  return payments.failures.paymentClosed({ paymentId: id, state })
}
