import { announceAddress } from '../announce.js'
import { place, placeSlowly } from './handlers.js'
import { createBroker } from './moleculer-broker.js'

const broker = createBroker('server', [])
broker.createService({
  name: 'orders',
  actions: {
    place: (ctx) => place(ctx.params),
    placeSlowly: (ctx) => placeSlowly(ctx.params),
  },
})
await broker.start()
announceAddress({ port: broker.transit.tx.opts.port }, () => broker.stop())
