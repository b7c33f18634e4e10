import type { OrderState } from './contract.ts'

/** Where an order may go from each state. `cancelling` and `refunding` are under way and always end:
 *  their work is repeated until it is done. */
export const transitions: Readonly<Record<OrderState, readonly OrderState[]>> = {
  placed: ['paid', 'cancelled'],
  paid: ['packed', 'cancelling'],
  packed: ['shipped', 'cancelling'],
  shipped: ['delivered'],
  delivered: ['refunding'],
  cancelling: ['cancelled'],
  refunding: ['refunded'],
  cancelled: [],
  refunded: [],
}

/** The states from which `to` can be reached in one step. */
export function sourcesOf(to: OrderState): OrderState[] {
  const entries = Object.entries(transitions) as [OrderState, readonly OrderState[]][]
  return entries.filter(([, targets]) => targets.includes(to)).map(([from]) => from)
}
