// The floor of HTTP: node:http, JSON.parse, the handler, JSON.stringify. Serves two clients.
import { createServer } from 'node:http'
import { announceAddress } from '../announce.js'
import { place, placeSlowly } from './handlers.js'

const handlers = { '/place': place, '/place-slowly': placeSlowly }

async function answer(request, response, body) {
  const reply = await handlers[request.url](JSON.parse(body.toString()))
  const bytes = Buffer.from(JSON.stringify(reply))
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length })
  response.end(bytes)
}

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
    answer(request, response, body).catch(() => response.destroy())
  })
})
server.listen(0, '127.0.0.1', () => {
  announceAddress({ port: server.address().port }, async () => {
    server.closeAllConnections()
    server.close()
  })
})
