import type { TableReader, TableWriter } from 'banyan/data'
import type { Clock } from 'banyan/kernel'
import type { Money } from '../money/index.ts'
import { type PaymentState, payments } from './contract.ts'
import type { Payment, PaymentsRows } from './rows.ts'

type Tx = TableWriter<PaymentsRows>

export interface AuthoriseInput {
  readonly paymentId: string
  readonly reference: string
  readonly amount: Money
  readonly instrument: string
}

/** The row of a payment that is about to be authorised, or what stands under its id. */
export async function beginPayment(
  tx: Tx,
  clock: Clock,
  { paymentId, reference, amount, instrument }: AuthoriseInput,
): Promise<Payment> {
  await tx
    .insertInto('payment')
    .values({
      ...bare(paymentId, clock),
      reference,
      state: 'authorising',
      amount_minor: amount.amountMinor,
      currency: amount.currency,
      instrument,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
  return findPayment(tx, paymentId)
}

/** Closes a payment that may never have been begun: without a row, one in state `voided` keeps the
 *  id from being used later. */
export async function beginVoid(tx: Tx, clock: Clock, paymentId: string): Promise<Payment> {
  await tx
    .insertInto('payment')
    .values({ ...bare(paymentId, clock), reference: '', state: 'voided' })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
  await movePayment(tx, clock, paymentId, {
    from: ['authorising', 'authorised', 'voiding'],
    to: 'voiding',
  })
  return findPayment(tx, paymentId)
}

/** A permitted change of a payment's state. */
export interface Move {
  readonly from: readonly PaymentState[]
  readonly to: PaymentState
  readonly providerId?: string
  readonly declineReason?: string | undefined
}

/** Moves a payment if its state permits it; otherwise nothing changes. */
export async function movePayment(
  tx: Tx,
  clock: Clock,
  paymentId: string,
  { from, to, providerId, declineReason }: Move,
): Promise<void> {
  await tx
    .updateTable('payment')
    .set({
      state: to,
      updated_at: new Date(clock.nowMs()),
      ...(providerId !== undefined && { provider_id: providerId }),
      ...(declineReason !== undefined && { decline_reason: declineReason }),
    })
    .where('id', '=', paymentId)
    .where('state', 'in', from)
    .execute()
}

/** Moves a payment if its state permits it, and reads it. @throws PAYMENTS_PAYMENT_MISSING */
export async function moveAndFind(
  tx: Tx,
  clock: Clock,
  paymentId: string,
  move: Move,
): Promise<Payment> {
  await movePayment(tx, clock, paymentId, move)
  return findPayment(tx, paymentId)
}

/** One payment, by primary key. @throws PAYMENTS_PAYMENT_MISSING */
export async function findPayment(
  db: Pick<TableReader<PaymentsRows>, 'selectFrom'>,
  paymentId: string,
): Promise<Payment> {
  const row = await db
    .selectFrom('payment')
    .selectAll()
    .where('id', '=', paymentId)
    .executeTakeFirst()
  if (row === undefined) throw payments.failures.paymentMissing({ paymentId })
  return row
}

function bare(paymentId: string, clock: Clock): Payment & { readonly updated_at: Date } {
  return {
    id: paymentId,
    reference: '',
    state: 'voided',
    amount_minor: null,
    currency: null,
    instrument: null,
    provider_id: null,
    decline_reason: null,
    updated_at: new Date(clock.nowMs()),
  }
}
