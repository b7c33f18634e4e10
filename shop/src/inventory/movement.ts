import type { TableWriter } from 'banyan/data'
import type { Clock, Ids } from 'banyan/kernel'
import { sql } from 'kysely'
import type { InventoryRows, MovementKind } from './rows.ts'

/** Units of one product. */
export interface Line {
  readonly sku: string
  readonly count: number
}

/** What a movement needs of the world: a time and ids. */
export interface Moment {
  readonly clock: Clock
  readonly ids: Ids
}

/** Lines in the one order in which every transaction locks stock rows, so that none waits in a
 *  circle. */
export function inLockOrder<L extends Line>(lines: readonly L[]): L[] {
  return lines.toSorted((a, b) => (a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0))
}

type Levels = Readonly<Partial<Record<'available' | 'held' | 'sold', 1 | -1>>>

/** What a movement of a reserved unit does to the levels of its product. */
const effects = {
  confirmed: { held: -1, sold: 1 },
  released: { held: -1, available: 1 },
  expired: { held: -1, available: 1 },
  returned: { sold: -1, available: 1 },
} as const satisfies Record<string, Levels>

/** How a reservation ends. */
export type Ending = keyof typeof effects

/** Moves the units of `lines` between levels, one row after the other in lock order; the CHECKs of
 *  the rows refuse what does not add up. */
export async function moveStock(
  tx: TableWriter<InventoryRows>,
  lines: readonly Line[],
  ending: Ending,
): Promise<void> {
  const effect: Levels = effects[ending]
  for (const { sku, count } of inLockOrder(lines)) {
    await tx
      .updateTable('stock')
      .set({
        available: sql<number>`available + ${(effect.available ?? 0) * count}::int`,
        held: sql<number>`held + ${(effect.held ?? 0) * count}::int`,
        sold: sql<number>`sold + ${(effect.sold ?? 0) * count}::int`,
      })
      .where('sku', '=', sku)
      .execute()
  }
}

/** Appends one movement per line. */
export async function recordMovements(
  tx: TableWriter<InventoryRows>,
  moment: Moment,
  kind: MovementKind,
  lines: readonly (Line & { readonly reservation_id: string | null })[],
): Promise<void> {
  if (lines.length === 0) return
  const at = new Date(moment.clock.nowMs())
  const rows = lines.map(({ sku, count, reservation_id }) => ({
    id: moment.ids.next(),
    sku,
    kind,
    count,
    reservation_id,
    at,
  }))
  await tx.insertInto('movement').values(rows).execute()
}
