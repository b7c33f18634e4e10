/** The rungs of the ladder: ways to call the same handler with the same order, from a plain function
 *  to a loopback HTTP request. Each rung isolates caller and callee more than the one before. */
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import { type OrderReply, type OrderRequest, priceOrder } from '../endpoint/order.ts'

export type Step = AsyncDisposable & {
  readonly name: string
  call(order: OrderRequest): Promise<OrderReply>
}

const nothingToClose = async (): Promise<void> => undefined

async function handle(order: OrderRequest): Promise<OrderReply> {
  return priceOrder(order, 'user-1')
}

/** A direct call: shares its objects with the callee, has no deadline, no span, no check. */
export const directStep: Step = {
  name: 'direct',
  call: handle,
  [Symbol.asyncDispose]: nothingToClose,
}

/** Copies in and out through JSON, as naive isolation does. */
export const jsonStep: Step = {
  name: 'json',
  call: async (order) =>
    JSON.parse(JSON.stringify(await handle(JSON.parse(JSON.stringify(order))))),
  [Symbol.asyncDispose]: nothingToClose,
}

/** Copies in and out with structuredClone. */
export const cloneStep: Step = {
  name: 'structured-clone',
  call: async (order) => structuredClone(await handle(structuredClone(order))),
  [Symbol.asyncDispose]: nothingToClose,
}

/** A POST to a server in the same process over a kept-alive loopback connection. */
export async function openLoopbackStep(): Promise<Step> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      handle(JSON.parse(Buffer.concat(chunks).toString())).then(
        (reply) => outgoing.end(JSON.stringify(reply)),
        () => outgoing.destroy(),
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const options = { host: '127.0.0.1', port: address.port, method: 'POST', agent }
  return {
    name: 'loopback-http',
    call: (order) =>
      new Promise((resolve, reject) => {
        const outgoing = request(options, (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
        })
        outgoing.on('error', reject).end(JSON.stringify(order))
      }),
    [Symbol.asyncDispose]: async () => {
      agent.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
