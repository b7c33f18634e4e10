/** The OTLP collector of the bench, a process of its own on the load core: counts the spans that
 *  arrive at /v1/traces, and keeps them decoded while it is told to. */
import { createServer, type IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { countSpans, decodeSpans, type SpanSeen } from './otlp.ts'

const keepsSpans = process.argv.includes('--keep')
const kept: SpanSeen[] = []
let spans = 0
let exports = 0

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

async function accept(request: IncomingMessage): Promise<void> {
  const contentType = request.headers['content-type'] ?? ''
  const body = await bodyOf(request)
  spans += countSpans(body, contentType)
  exports += 1
  if (keepsSpans) kept.push(...decodeSpans(body, contentType))
}

const server = createServer((request, response) => {
  const json = (value: unknown): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
  if (request.url === '/count') return json({ spans, exports })
  if (request.url === '/spans') return json(kept)
  if (request.url !== '/v1/traces') return void response.writeHead(404).end()
  accept(request).then(
    // An empty message is a full success in both encodings; JSON's is an empty object.
    () => {
      const contentType = request.headers['content-type'] ?? ''
      response.writeHead(200, { 'content-type': contentType })
      response.end(contentType.includes('json') ? '{}' : undefined)
    },
    (error: unknown) => response.writeHead(400).end(String(error)),
  )
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`)
})
process.once('SIGTERM', () => {
  server.closeAllConnections()
  server.close()
})
