import type { TableWriter } from 'banyan/data'
import { sql } from 'kysely'
import { inventory, type Reservation, type ReservationState } from './contract.ts'
import { type Ending, type Line, type Moment, moveStock, recordMovements } from './movement.ts'
import type { InventoryRows } from './rows.ts'

/** Turns a hold into a sale. @throws INVENTORY_RESERVATION_CLOSED when the hold is over */
export async function confirm(
  tx: TableWriter<InventoryRows>,
  moment: Moment,
  reservationId: string,
): Promise<Reservation> {
  const found = await lockReservation(tx, reservationId)
  if (found?.state === 'confirmed') return found
  if (found?.state !== 'held') {
    throw inventory.failures.reservationClosed({ reservationId, state: found?.state ?? 'unknown' })
  }
  return end(tx, moment, found, 'confirmed')
}

/** Gives back a hold or a sale. What is over stays as it is; what never was becomes released, which
 *  a `reserve` that was delayed on its way will find. */
export async function release(
  tx: TableWriter<InventoryRows>,
  moment: Moment,
  reservationId: string,
): Promise<Reservation> {
  const expiresAt = new Date(moment.clock.nowMs())
  await tx
    .insertInto('reservation')
    .values({ id: reservationId, state: 'released', expires_at: expiresAt })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
  const found = await lockReservation(tx, reservationId)
  if (found?.state === 'held') return end(tx, moment, found, 'released')
  if (found?.state === 'confirmed') return end(tx, moment, found, 'returned')
  return found ?? { reservationId, state: 'released', expiresAt }
}

async function lockReservation(
  tx: TableWriter<InventoryRows>,
  reservationId: string,
): Promise<Reservation | undefined> {
  const row = await tx
    .selectFrom('reservation')
    .select(['state', 'expires_at'])
    .where('id', '=', reservationId)
    .forUpdate()
    .executeTakeFirst()
  return row && { reservationId, state: row.state, expiresAt: row.expires_at }
}

/** Requires: the reservation's row is locked. */
async function end(
  tx: TableWriter<InventoryRows>,
  moment: Moment,
  reservation: Reservation,
  ending: Ending,
): Promise<Reservation> {
  const { reservationId } = reservation
  await setState(tx, [reservationId], ending)
  const lines = await linesOf(tx, [reservationId])
  await moveStock(tx, lines, ending)
  await recordMovements(tx, moment, ending, lines)
  return { ...reservation, state: ending }
}

/** As the partial index reservation_due has it: a bound value would not match it. */
const isHeld = sql<boolean>`state = 'held'`

/** Releases at most `countMax` holds that are past their time; the number released. Several instances
 *  may do this at once: each skips what another has locked.
 *  Plan: reservation_due. */
export async function expireHolds(
  tx: TableWriter<InventoryRows>,
  moment: Moment,
  countMax: number,
): Promise<number> {
  const due = await tx
    .selectFrom('reservation')
    .select('id')
    .where(isHeld)
    .where('expires_at', '<', new Date(moment.clock.nowMs()))
    .orderBy('expires_at')
    .limit(countMax)
    .forUpdate()
    .skipLocked()
    .execute()
  if (due.length === 0) return 0
  const ids = due.map(({ id }) => id)
  await setState(tx, ids, 'expired')
  const lines = await linesOf(tx, ids)
  await moveStock(tx, addUp(lines), 'expired')
  await recordMovements(tx, moment, 'expired', lines)
  return due.length
}

async function setState(
  tx: TableWriter<InventoryRows>,
  ids: readonly string[],
  state: ReservationState,
): Promise<void> {
  await tx.updateTable('reservation').set({ state }).where('id', 'in', ids).execute()
}

function linesOf(
  tx: TableWriter<InventoryRows>,
  ids: readonly string[],
): Promise<(Line & { reservation_id: string })[]> {
  return tx
    .selectFrom('reservation_line')
    .select(['reservation_id', 'sku', 'count'])
    .where('reservation_id', 'in', ids)
    .execute()
}

function addUp(lines: readonly Line[]): Line[] {
  const counts = new Map<string, number>()
  for (const { sku, count } of lines) counts.set(sku, (counts.get(sku) ?? 0) + count)
  return [...counts].map(([sku, count]) => ({ sku, count }))
}
