/** For the test of the harness: answers like `inline`, but from time to time for another order. */
import type { Connection } from './client.ts'
import { connect as connectInline } from './inline-client.ts'
import { sampleOrder } from '../endpoint/order.ts'

export async function connect(): Promise<Connection> {
  const inline = await connectInline()
  return {
    ...inline,
    place: (order) => inline.place(order.customerId % 100 === 0 ? sampleOrder(1) : order),
  }
}
