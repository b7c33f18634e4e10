/** No transport at all: the handlers themselves, in the caller's process. For reference. */
import { declaredReply, type OrderRequest, priceOrder } from '../endpoint/order.ts'
import type { Connection } from './client.ts'
import { delayed } from './delay.ts'

const place = (order: OrderRequest) => declaredReply(priceOrder(order, 'user-1'))

export async function connect(): Promise<Connection> {
  return {
    place: async (order) => place(order),
    placeSlowly: (order) => delayed(order, place(order)),
    close: async () => undefined,
  }
}
