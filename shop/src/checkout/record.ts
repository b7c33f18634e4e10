import type { TableReader, TableWriter } from 'banyan/data'
import { sql } from 'kysely'
import { checkout } from './contract.ts'
import type { Refusal } from './refusal.ts'
import type { Checkout, CheckoutRows } from './rows.ts'
import type { CheckoutState, OngoingState } from './state.ts'

type Tx = TableWriter<CheckoutRows>

/* The predicates of the partial indexes, written out as they are there: PostgreSQL cannot match an
   index against a bound value once it plans a statement for all values. */
const isLive = sql<boolean>`state <> 'refused'`
const isOngoing = sql<boolean>`state not in ('completed', 'refused')`

/** A new checkout; the database fills in what is not given. */
export type NewCheckout = Omit<Checkout, 'drivers' | 'attempts' | 'refusal' | 'state'>

/** Records a checkout of a cart that no other one is buying.
 *  @throws CHECKOUT_CART_IN_CHECKOUT */
export async function openCheckout(tx: Tx, opened: NewCheckout): Promise<Checkout> {
  const row = await tx
    .insertInto('checkout')
    .values({
      ...opened,
      state: 'priced',
      refusal: null,
      shipping_address: JSON.stringify(opened.shipping_address),
      lines: JSON.stringify(opened.lines),
    })
    .onConflict((conflict) => conflict.column('cart_id').where(isLive).doNothing())
    .returningAll()
    .executeTakeFirst()
  if (row !== undefined) return row
  const other = await tx
    .selectFrom('checkout')
    .select('id')
    .where('cart_id', '=', opened.cart_id)
    .where(isLive)
    .executeTakeFirst()
  const cartId = opened.cart_id
  throw checkout.failures.cartInCheckout({ cartId, checkoutId: other?.id ?? '' })
}

/** What a step came to. */
export interface Advance {
  readonly to: CheckoutState
  readonly refusal?: Refusal
}

/** Records the outcome of a step, if the checkout still stands where the step began; else somebody
 *  else was faster, and what stands is the answer. */
export async function advanceCheckout(
  tx: Tx,
  from: Checkout,
  { to, refusal }: Advance,
  dueAt: Date,
): Promise<Checkout> {
  const advanced = await tx
    .updateTable('checkout')
    .set({
      state: to,
      attempts: 0,
      due_at: dueAt,
      ...(refusal !== undefined && { refusal: JSON.stringify(refusal) }),
    })
    .where('id', '=', from.id)
    .where('state', '=', from.state)
    .returningAll()
    .executeTakeFirst()
  return advanced ?? findCheckout(tx, from.id)
}

/** Takes a checkout up again; a finished one is only read. */
export async function takeCheckout(tx: Tx, id: string, dueAt: Date): Promise<Checkout> {
  const taken = await tx
    .updateTable('checkout')
    .set({ due_at: dueAt, drivers: sql<number>`drivers + 1` })
    .where('id', '=', id)
    .where(isOngoing)
    .returningAll()
    .executeTakeFirst()
  return taken ?? findCheckout(tx, id)
}

/** Takes up at most `countMax` checkouts that stand still; others skip what is locked here.
 *  Plan: checkout_due. */
export function takeDueCheckouts(
  tx: Tx,
  { nowMs, dueAt, countMax }: { nowMs: number; dueAt: Date; countMax: number },
): Promise<Checkout[]> {
  return tx
    .updateTable('checkout')
    .set({ due_at: dueAt, drivers: sql<number>`drivers + 1` })
    .where(
      'id',
      'in',
      tx
        .selectFrom('checkout')
        .select('id')
        .where(isOngoing)
        .where('due_at', '<', new Date(nowMs))
        .orderBy('due_at')
        .limit(countMax)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .execute()
}

/** Puts a checkout off whose step in `state` did not answer, by a pause that doubles. */
export async function deferCheckout(
  tx: Tx,
  { id, state }: { readonly id: string; readonly state: OngoingState },
  { nowMs, retryMs }: { readonly nowMs: number; readonly retryMs: number },
): Promise<Checkout> {
  const deferred = await tx
    .updateTable('checkout')
    .set({
      attempts: sql<number>`attempts + 1`,
      due_at: sql<Date>`${new Date(nowMs)}::timestamptz
        + least(30000, ${retryMs}::int * 2 ^ least(attempts, 10)) * interval '1 millisecond'`,
    })
    .where('id', '=', id)
    .where('state', '=', state)
    .returningAll()
    .executeTakeFirst()
  return deferred ?? findCheckout(tx, id)
}

/** One checkout, by primary key. @throws CHECKOUT_CHECKOUT_MISSING */
export async function findCheckout(
  db: Pick<TableReader<CheckoutRows>, 'selectFrom'>,
  id: string,
): Promise<Checkout> {
  const row = await db.selectFrom('checkout').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw checkout.failures.checkoutMissing({ checkoutId: id })
  return row
}
