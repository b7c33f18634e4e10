/** What is done to every subject: the cells, in this turn, within one client process. */

/** The operations of every subject: the order is priced at once, or after its delay. */
export type OperationName = 'place' | 'placeSlowly'

export type CellPlan = {
  readonly name: CellName
  readonly operation: OperationName
  /** Each waits for its reply before it asks again. */
  readonly callers: number
  readonly seconds: number
  readonly warmSeconds: number
}

export type CellName = 'many' | 'uneven' | 'one'

export const callersMax = 256

/** @param seconds  how long each cell is measured; the lone caller's figures are steady enough in
 *  half of it. */
export function planCells(seconds: number): CellPlan[] {
  return [
    { name: 'many', operation: 'place', callers: 64, seconds, warmSeconds: 2 },
    { name: 'uneven', operation: 'placeSlowly', callers: callersMax, seconds, warmSeconds: 1 },
    { name: 'one', operation: 'place', callers: 1, seconds: seconds / 2, warmSeconds: 1 },
  ]
}
