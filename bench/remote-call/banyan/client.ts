/** The calling service: an instance of `desk`, whose handler calls `orders` in the other process. */
import { createExternalCaller } from 'banyan/call'
import type { Connection } from '../client.ts'
import { desk, session } from './banyan.ts'
import { required, startInstance } from './instance.ts'

export async function connect(): Promise<Connection> {
  const kind = required('BENCH_KIND')
  const runtime = await startInstance('desk')
  const principal = { subject: 'user-1', roles: ['customer'] }
  const held = createExternalCaller(runtime.instance.calls, { principal }).of(desk).session({})
  const orders = await Promise.race([session.orders, held.then(() => session.orders)])
  const close = async (): Promise<void> => {
    session.close()
    await held
    await runtime.stop()
  }
  return kind === 'query'
    ? {
        place: (order) => orders.quote(order),
        placeSlowly: (order) => orders.quoteSlowly(order),
        close,
      }
    : {
        place: (order) => orders.place(order),
        placeSlowly: (order) => orders.placeSlowly(order),
        close,
      }
}
