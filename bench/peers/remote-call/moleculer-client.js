import { createBroker } from './moleculer-broker.js'

const discoveryMsMax = 15_000

export async function connect({ port }) {
  const broker = createBroker('client', [`tcp://127.0.0.1:${port}/server`])
  await broker.start()
  await broker.waitForServices('orders', discoveryMsMax)
  return {
    place: (order) => broker.call('orders.place', order),
    placeSlowly: (order) => broker.call('orders.placeSlowly', order),
    close: () => broker.stop(),
  }
}
