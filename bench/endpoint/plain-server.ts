/** For the verifier's own tests: a server that does every duty in the plainest way, and that can be
 *  told to skip one. Never measured. */
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { declaredReply, priceOrder } from './order.ts'
import { orders } from './order-contract.ts'
import { type SpanSeen, serverKind } from './otlp.ts'
import { audienceOfTokens, secretOfTokens } from './protocol.ts'
import type { VerifiableServer } from './verify.ts'

export const duties = [
  'token',
  'signature',
  'expiry',
  'audience',
  'input',
  'input-strip',
  'output-strip',
  'log',
  'log-once',
  'trace-id',
  'server-span',
  'child-span',
  'histogram',
] as const

export type Duty = (typeof duties)[number]

/** Starts on a free loopback port. `skipped` is the duty it does not do. */
export async function startPlainServer(skipped?: Duty): Promise<VerifiableServer> {
  const plain = new PlainServer(skipped)
  const server = createServer((request, response) => {
    plain.answer(request).then(
      ({ status, body }) => response.writeHead(status).end(body),
      () => response.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    histogram: { metric: 'seconds', label: 'route="/orders"' },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      return { logLines: plain.logLines, spans: plain.spans }
    },
  }
}

type Answer = { readonly status: number; readonly body: string }

class PlainServer {
  readonly logLines: string[] = []
  readonly spans: SpanSeen[] = []
  readonly #skipped: Duty | undefined
  #observed = 0

  constructor(skipped: Duty | undefined) {
    this.#skipped = skipped
  }

  async answer(request: IncomingMessage): Promise<Answer> {
    if (request.url === '/metrics') {
      return { status: 200, body: `seconds_count{route="/orders"} ${this.#observed}\n` }
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const answer = this.#place(request, Buffer.concat(chunks).toString())
    this.#record(request, answer.status)
    return answer
  }

  #does(duty: Duty): boolean {
    return duty !== this.#skipped
  }

  #place(request: IncomingMessage, text: string): Answer {
    const subject = this.#trySubject(request.headers.authorization ?? '')
    if (subject === undefined) return { status: 401, body: '' }
    const order = this.#tryOrder(text)
    if (order === undefined) return { status: 400, body: '' }
    const priced = priceOrder(order, subject)
    const reply = this.#does('output-strip') ? declaredReply(priced) : priced
    return { status: 200, body: JSON.stringify(reply) }
  }

  #tryOrder(text: string) {
    try {
      const parsed = JSON.parse(text)
      if (!this.#does('input')) return { ...parsed, lines: parsed.lines ?? [] }
      const checked = orders.operations.place.input.safeParse(parsed)
      if (!checked.success) return undefined
      return this.#does('input-strip') ? checked.data : parsed
    } catch {
      return undefined
    }
  }

  #trySubject(authorization: string): string | undefined {
    if (!this.#does('token') && authorization === '') return 'anybody'
    const [head, claimsText, signature] = authorization.replace('Bearer ', '').split('.')
    if (head === undefined || claimsText === undefined || signature === undefined) return undefined
    const hmac = createHmac('sha256', secretOfTokens).update(`${head}.${claimsText}`)
    if (this.#does('signature') && hmac.digest('base64url') !== signature) return undefined
    try {
      const claims = JSON.parse(Buffer.from(claimsText, 'base64url').toString())
      if (this.#does('expiry') && claims.exp * 1_000 < Date.now()) return undefined
      if (this.#does('audience') && claims.aud !== audienceOfTokens) return undefined
      return claims.sub
    } catch {
      return undefined
    }
  }

  #record(request: IncomingMessage, status: number): void {
    const [, sentTrace = '', parentSpanId = ''] = String(request.headers['traceparent']).split('-')
    const traceId = this.#does('trace-id') ? sentTrace : randomBytes(16).toString('hex')
    if (this.#does('histogram')) this.#observed += 1
    const line = JSON.stringify({ level: 30, trace_id: traceId, statusCode: status })
    if (this.#does('log')) this.logLines.push(line)
    if (!this.#does('log-once')) this.logLines.push(line)
    const spanId = randomBytes(8).toString('hex')
    const span = { traceId, spanId, parentSpanId, name: 'POST /orders', kind: serverKind }
    if (this.#does('server-span')) this.spans.push(span)
    const childId = randomBytes(8).toString('hex')
    const child = { ...span, spanId: childId, parentSpanId: spanId, name: 'price', kind: 1 }
    if (this.#does('child-span')) this.spans.push(child)
  }
}
