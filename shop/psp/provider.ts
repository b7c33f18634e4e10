import type { Fact, Journal } from './journal.ts'
import {
  type AuthoriseRequest,
  authorise,
  capture,
  type Payment,
  type Refusal,
  refund,
  voidPayment,
} from './payment.ts'

/** What a merchant may ask for. */
export type Operation = 'authorise' | 'capture' | 'void' | 'refund'

export type OperationRequest =
  | ({ readonly operation: 'authorise' } & AuthoriseRequest)
  | { readonly operation: 'capture'; readonly id: string }
  | { readonly operation: 'void'; readonly id: string }
  | { readonly operation: 'refund'; readonly id: string; readonly amountMinor: bigint }

export interface Answer {
  readonly status: number
  readonly body: Payment | Refusal
}

/** Sums over all payments of one currency, in minor units. */
export interface Totals {
  readonly currency: string
  /** Authorised and neither captured nor voided. */
  readonly openMinor: bigint
  readonly capturedMinor: bigint
  readonly refundedMinor: bigint
  readonly capturedCount: number
}

/** The books of the provider. An effect happens once per idempotency key: the same key gives the same
 *  answer, with another request 422. Refusals are not effects and are not remembered. */
export class Provider {
  readonly #payments = new Map<string, Payment>()
  readonly #effects = new Map<string, Fact>()
  #journal: Journal | undefined

  /** Starts to remember; what was remembered before goes through `replay` first. */
  attach(journal: Journal): void {
    this.#journal = journal
  }

  replay(fact: Fact): void {
    this.#effects.set(fact.key, fact)
    this.#payments.set(fact.payment.id, fact.payment)
  }

  perform(key: string, request: OperationRequest): Answer {
    const fingerprint = fingerprintOf(request)
    const effect = this.#effects.get(key)
    if (effect !== undefined) {
      if (effect.fingerprint === fingerprint) return { status: effect.status, body: effect.payment }
      return { status: 422, body: { status: 422, reason: 'idempotency_key_reused' } }
    }
    const outcome = this.#decide(request)
    if ('reason' in outcome) return { status: outcome.status, body: outcome }
    const status = request.operation === 'authorise' ? 201 : 200
    const fact = { key, fingerprint, status, payment: outcome }
    this.#journal?.append(fact)
    this.replay(fact)
    return { status, body: outcome }
  }

  find(id: string): Payment | undefined {
    return this.#payments.get(id)
  }

  list(reference?: string): Payment[] {
    const all = [...this.#payments.values()]
    return reference === undefined ? all : all.filter((payment) => payment.reference === reference)
  }

  totals(): Totals[] {
    const totals = new Map<string, Totals>()
    for (const payment of this.#payments.values()) {
      totals.set(payment.currency, addPayment(totals.get(payment.currency), payment))
    }
    return [...totals.values()]
  }

  close(): void {
    this.#journal?.close()
    this.#journal = undefined
  }

  #decide(request: OperationRequest): Payment | Refusal {
    if (request.operation === 'authorise') {
      const { operation: _, ...asked } = request
      return authorise(`pay_${this.#payments.size + 1}`, asked)
    }
    const payment = this.#payments.get(request.id)
    if (payment === undefined) return { status: 404, reason: 'payment_unknown' }
    if (request.operation === 'capture') return capture(payment)
    if (request.operation === 'void') return voidPayment(payment)
    return refund(payment, request.amountMinor)
  }
}

function addPayment(totals: Totals | undefined, payment: Payment): Totals {
  const { currency, state, amountMinor, refundedMinor } = payment
  const isCaptured = state === 'captured'
  return {
    currency,
    openMinor: (totals?.openMinor ?? 0n) + (state === 'authorised' ? amountMinor : 0n),
    capturedMinor: (totals?.capturedMinor ?? 0n) + (isCaptured ? amountMinor : 0n),
    refundedMinor: (totals?.refundedMinor ?? 0n) + refundedMinor,
    capturedCount: (totals?.capturedCount ?? 0) + (isCaptured ? 1 : 0),
  }
}

function fingerprintOf(request: OperationRequest): string {
  const entries = Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([name, value]) => `${name}=${JSON.stringify(String(value))}`).join('&')
}
