import type { TableWriter } from 'banyan/data'
import type { Outbox } from 'banyan/module'
import { sql } from 'kysely'
import { inventory, type Reservation } from './contract.ts'
import { inLockOrder, type Line, type Moment, recordMovements } from './movement.ts'
import { publishCrossing } from './reorder-point.ts'
import type { InventoryRows } from './rows.ts'

type Tx = TableWriter<InventoryRows> & Outbox

export interface ReserveRequest {
  readonly reservationId: string
  readonly lines: readonly Line[]
  readonly holdMs: number
}

/** Holds every line or, by the failure that rolls the transaction back, none. The reservation's id
 *  makes it happen once: asked again, it answers with what stands.
 *  @throws INVENTORY_SOLD_OUT · INVENTORY_RESERVATION_CLOSED */
export async function reserve(
  tx: Tx,
  moment: Moment,
  { reservationId, lines, holdMs }: ReserveRequest,
): Promise<Reservation> {
  assertDistinct(lines)
  const expiresAt = new Date(moment.clock.nowMs() + holdMs)
  const opened = await tx
    .insertInto('reservation')
    .values({ id: reservationId, state: 'held', expires_at: expiresAt })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (opened === undefined) return standing(tx, reservationId)
  for (const line of inLockOrder(lines)) await hold(tx, line)
  const reserved = lines.map(({ sku, count }) => ({ reservation_id: reservationId, sku, count }))
  await tx.insertInto('reservation_line').values(reserved).execute()
  await recordMovements(tx, moment, 'held', reserved)
  return { reservationId, state: 'held', expiresAt }
}

/** Takes the units if they are there: the condition and the effect are one statement, so two buyers
 *  of the last unit cannot both have it. The one that brings the product below its reorder point says so. */
async function hold(tx: Tx, { sku, count }: Line): Promise<void> {
  const taken = await tx
    .updateTable('stock')
    .set({
      available: sql<number>`available - ${count}::int`,
      held: sql<number>`held + ${count}::int`,
    })
    .where('sku', '=', sku)
    .where('available', '>=', count)
    .returning(['available', 'reorder_point'])
    .executeTakeFirst()
  if (taken !== undefined) {
    const before = { ...taken, available: taken.available + count }
    return publishCrossing(tx, sku, { before, after: taken })
  }
  const left = await tx
    .selectFrom('stock')
    .select('available')
    .where('sku', '=', sku)
    .executeTakeFirst()
  if (left === undefined) throw inventory.failures.stockMissing({ sku })
  throw inventory.failures.soldOut({ sku, requested: count, available: left.available })
}

async function standing(
  tx: TableWriter<InventoryRows>,
  reservationId: string,
): Promise<Reservation> {
  const { state, expires_at } = await tx
    .selectFrom('reservation')
    .select(['state', 'expires_at'])
    .where('id', '=', reservationId)
    .executeTakeFirstOrThrow()
  if (state !== 'held' && state !== 'confirmed') {
    throw inventory.failures.reservationClosed({ reservationId, state })
  }
  return { reservationId, state, expiresAt: expires_at }
}

function assertDistinct(lines: readonly Line[]): void {
  const seen = new Set<string>()
  for (const { sku } of lines) {
    if (seen.has(sku)) throw inventory.failures.skuRepeated({ sku })
    seen.add(sku)
  }
}
