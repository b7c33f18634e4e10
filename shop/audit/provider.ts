import type { OwnerQuery, Violation } from './violation.ts'

/** A payment as the provider tells it. */
export interface ProviderPayment {
  readonly id: string
  readonly reference: string
  readonly state: 'authorised' | 'declined' | 'captured' | 'voided'
  readonly amountMinor: bigint
  readonly refundedMinor: bigint
  readonly currency: string
}

const meanings = {
  'provider-charges-once': 'no order is charged twice at the provider',
  'provider-agrees': 'the provider and we tell the same of every payment that moved money',
  'provider-total': 'what the provider owes us is the balance of the clearing account',
} as const

/** Compares our books with the provider's, payment by payment and in total. */
export async function compareWithProvider(
  query: OwnerQuery,
  payments: readonly ProviderPayment[],
): Promise<Violation[]> {
  return [
    ...chargedTwice(payments),
    ...(await differences(query, payments)),
    ...(await wrongTotals(query, payments)),
  ]
}

function chargedTwice(payments: readonly ProviderPayment[]): Violation[] {
  const charges = new Map<string, number>()
  for (const { reference, state } of payments) {
    if (state !== 'authorised' && state !== 'captured') continue
    charges.set(reference, (charges.get(reference) ?? 0) + 1)
  }
  return [...charges]
    .filter(([, count]) => count > 1)
    .map(([reference, count]) => violation('provider-charges-once', { reference, count }))
}

async function differences(
  query: OwnerQuery,
  payments: readonly ProviderPayment[],
): Promise<Violation[]> {
  const rows = await query(
    `select provider_id, reference, state, amount_minor, currency from payments.payment
      where state in ('captured', 'refunded')`,
  )
  const own = rows.map((row) => {
    const refundedMinor = row['state'] === 'refunded' ? row['amount_minor'] : 0n
    return [
      row['provider_id'],
      row['reference'],
      row['amount_minor'],
      refundedMinor,
      row['currency'],
    ]
  })
  const theirs = payments
    .filter(({ state }) => state === 'captured')
    .map((payment) => [
      payment.id,
      payment.reference,
      payment.amountMinor,
      payment.refundedMinor,
      payment.currency,
    ])
  const ownTexts = new Set(own.map((row) => row.join(' ')))
  const theirTexts = new Set(theirs.map((row) => row.join(' ')))
  const open = payments
    .filter(({ state }) => state === 'authorised')
    .map(({ id, reference }) => violation('provider-agrees', { id, reference, state: 'open' }))
  return [
    ...[...ownTexts]
      .filter((text) => !theirTexts.has(text))
      .map((ours) => violation('provider-agrees', { ours })),
    ...[...theirTexts]
      .filter((text) => !ownTexts.has(text))
      .map((provider) => violation('provider-agrees', { provider })),
    ...open,
  ]
}

async function wrongTotals(
  query: OwnerQuery,
  payments: readonly ProviderPayment[],
): Promise<Violation[]> {
  const rows = await query(
    `select currency, sum(amount_minor)::text as balance from ledger.posting
      where account = 'psp-clearing' group by currency`,
  )
  const owed = new Map<string, bigint>()
  for (const { state, currency, amountMinor, refundedMinor } of payments) {
    if (state !== 'captured') continue
    owed.set(currency, (owed.get(currency) ?? 0n) + amountMinor - refundedMinor)
  }
  const booked = new Map(
    rows.map((row) => [String(row['currency']), BigInt(String(row['balance']))]),
  )
  const currencies = new Set([...owed.keys(), ...booked.keys()])
  return [...currencies]
    .filter((currency) => (owed.get(currency) ?? 0n) !== (booked.get(currency) ?? 0n))
    .map((currency) =>
      violation('provider-total', {
        currency,
        provider: owed.get(currency) ?? 0n,
        ledger: booked.get(currency) ?? 0n,
      }),
    )
}

function violation(
  invariant: keyof typeof meanings,
  found: Readonly<Record<string, unknown>>,
): Violation {
  return { invariant, meaning: meanings[invariant], found }
}
