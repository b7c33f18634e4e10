// node:http with an agent that keeps its connections.
import { Agent, request } from 'node:http'

export async function connect({ port }, { callersMax }) {
  const agent = new Agent({ keepAlive: true, maxSockets: callersMax, noDelay: true })
  const call = (path) => (order) =>
    new Promise((resolve, reject) => {
      const body = Buffer.from(JSON.stringify(order))
      const headers = { 'content-type': 'application/json', 'content-length': body.length }
      const options = { host: '127.0.0.1', port, path, method: 'POST', agent, headers }
      const outgoing = request(options, (incoming) => {
        const chunks = []
        incoming.on('data', (chunk) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          if (incoming.statusCode !== 200) reject(new Error(`status ${incoming.statusCode}`))
          else resolve(JSON.parse(Buffer.concat(chunks).toString()))
        })
      })
      outgoing.on('error', reject).end(body)
    })
  return {
    place: call('/place'),
    placeSlowly: call('/place-slowly'),
    close: async () => agent.destroy(),
  }
}
