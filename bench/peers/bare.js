// The floor: node:http and the handler. No check, no token, no trace, no log, no metric.
import { createServer } from 'node:http'
import { declaredReply, priceOrder } from '../endpoint/order.ts'
import { announce } from './settings.js'

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
    const answer = Buffer.from(
      JSON.stringify(declaredReply(priceOrder(JSON.parse(body.toString()), 'nobody'))),
    )
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': answer.length,
    })
    response.end(answer)
  })
})
server.listen(0, '127.0.0.1', () => {
  announce(server.address().port, async () => {
    server.closeAllConnections()
    server.close()
  })
})
