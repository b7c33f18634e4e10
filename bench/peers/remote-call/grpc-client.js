import { credentials } from '@grpc/grpc-js'
import { Orders } from './grpc-orders.js'

const connectMsMax = 5_000
// gRPC's own advice: every call has a deadline.
const deadlineMs = 5_000

export async function connect({ port }) {
  const client = new Orders(`127.0.0.1:${port}`, credentials.createInsecure())
  await new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + connectMsMax, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
  const call = (method) => (order) =>
    new Promise((resolve, reject) => {
      client[method](order, { deadline: Date.now() + deadlineMs }, (error, reply) => {
        if (error) reject(error)
        else resolve(reply)
      })
    })
  return {
    place: call('Place'),
    placeSlowly: call('PlaceSlowly'),
    close: async () => client.close(),
  }
}
