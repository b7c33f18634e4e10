/** What a payment has come to. `declined` and `voided` are final; `captured` may be refunded. */
export type PaymentState = 'authorised' | 'declined' | 'captured' | 'voided'

/** A payment as the provider keeps it. Amounts are minor units. */
export interface Payment {
  readonly id: string
  /** The merchant's own name for it; the provider does not insist that it is unique. */
  readonly reference: string
  readonly state: PaymentState
  readonly amountMinor: bigint
  readonly refundedMinor: bigint
  readonly currency: string
  readonly instrument: string
  readonly declineReason: string | undefined
}

/** Instruments that end differently. Every other `tok_…` works. */
const declines: Readonly<Record<string, string>> = {
  tok_declined: 'do_not_honour',
  tok_insufficient_funds: 'insufficient_funds',
  tok_expired_card: 'expired_card',
}

/** Authorised, but the capture is refused for good. */
export const instrumentWithoutCapture = 'tok_capture_refused'

/** A refusal of the provider: an HTTP status and a machine-readable reason. */
export interface Refusal {
  readonly status: 404 | 409 | 422
  readonly reason: string
}

export interface AuthoriseRequest {
  readonly reference: string
  readonly amountMinor: bigint
  readonly currency: string
  readonly instrument: string
}

/** A new payment: authorised, or declined as its instrument demands. */
export function authorise(id: string, request: AuthoriseRequest): Payment {
  const declineReason = declines[request.instrument]
  const state = declineReason === undefined ? 'authorised' : 'declined'
  return { id, ...request, state, refundedMinor: 0n, declineReason }
}

/** Takes the authorised money. */
export function capture(payment: Payment): Payment | Refusal {
  if (payment.state === 'captured') return payment
  if (payment.state !== 'authorised') return conflict(payment)
  if (payment.instrument === instrumentWithoutCapture) {
    return { status: 409, reason: 'capture_refused' }
  }
  return { ...payment, state: 'captured' }
}

/** Lets the authorised money go. */
export function voidPayment(payment: Payment): Payment | Refusal {
  if (payment.state === 'voided') return payment
  return payment.state === 'authorised' ? { ...payment, state: 'voided' } : conflict(payment)
}

/** Pays captured money back, in part or in full. */
export function refund(payment: Payment, amountMinor: bigint): Payment | Refusal {
  if (payment.state !== 'captured') return conflict(payment)
  const refundedMinor = payment.refundedMinor + amountMinor
  if (amountMinor <= 0n || refundedMinor > payment.amountMinor) {
    return { status: 422, reason: 'amount_exceeds_captured' }
  }
  return { ...payment, refundedMinor }
}

function conflict({ state }: Payment): Refusal {
  return { status: 409, reason: `payment_is_${state}` }
}
