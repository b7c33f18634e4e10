/** The delay of the uneven handlers. It follows from the order alone, so that every subject is given
 *  the same delays in the same turn. */
import type { OrderRequest } from '../endpoint/order.ts'

export const delayMsMin = 1
export const delayMsMax = 4
/** The median of the delays that are asked for. Node's timers cut fractions of a millisecond off and
 *  count from the start of their turn of the loop: the row `inline` shows what they make of it. */
export const delayP50Ms = (delayMsMin + delayMsMax) / 2

// Multiples of the golden ratio, less their whole part, spread evenly over 0..1.
const goldenShare = (Math.sqrt(5) - 1) / 2

export function delayMsOf(order: OrderRequest): number {
  return delayMsMin + ((order.customerId * goldenShare) % 1) * (delayMsMax - delayMsMin)
}

/** The reply, after the order's delay. */
export function delayed<Reply>(order: OrderRequest, reply: Reply): Promise<Reply> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMsOf(order), reply)
  })
}
