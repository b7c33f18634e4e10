// The two operations of every peer: the order is priced at once, or after its delay. Peers answer
// with the declared fields only, so that all subjects send the same reply.
import { declaredReply, priceOrder } from '../../endpoint/order.ts'
import { delayed } from '../../remote-call/delay.ts'

export const place = (order) => declaredReply(priceOrder(order, 'user-1'))
export const placeSlowly = (order) => delayed(order, place(order))
