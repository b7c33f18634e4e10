import { Server, ServerCredentials } from '@grpc/grpc-js'
import { announceAddress } from '../announce.js'
import { Orders } from './grpc-orders.js'
import { place, placeSlowly } from './handlers.js'

const server = new Server()
server.addService(Orders.service, {
  Place: (call, reply) => reply(null, place(call.request)),
  PlaceSlowly: (call, reply) => {
    placeSlowly(call.request).then((placed) => reply(null, placed), reply)
  },
})
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error
  announceAddress({ port }, async () => server.forceShutdown())
})
