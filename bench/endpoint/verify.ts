/** Proves that a server does every duty before it is measured. A server that skips one would win
 *  by not working, so it is refused instead. */
import { deepStrictEqual } from 'node:assert'
import { declaredReply, type OrderRequest, priceOrder, sampleOrder } from './order.ts'
import { type SpanSeen, serverKind } from './otlp.ts'
import { type HistogramName, histogramCount } from './prometheus.ts'
import { createToken, subjectOf } from './tokens.ts'

export type Evidence = { readonly logLines: readonly string[]; readonly spans: readonly SpanSeen[] }

export type VerifiableServer = {
  readonly url: string
  readonly histogram: HistogramName
  /** Stops the server (which flushes its log and its spans) and hands over what it left. */
  stop(): Promise<Evidence>
}

/** Requests of the burst whose answers, log lines, spans and histogram counts must agree. */
export const burstCount = 200

/** Checks all duties. @returns one sentence per violation; empty when every duty is done. Stops the
 *  server. */
export async function findViolations(server: VerifiableServer): Promise<string[]> {
  const violations: string[] = []
  const before = await scrape(server)
  const sent = Array.from({ length: burstCount }, (_, index) => sentRequest(index))
  for (let at = 0; at < sent.length; at += 8) {
    const batch = sent.slice(at, at + 8).map((request) => checkAnswer(server, request))
    violations.push(...(await Promise.all(batch)).flat())
  }
  // The histogram may be observed after the answer has left.
  const counted = await settledCount(server, before + burstCount)
  if (counted - before !== burstCount) {
    violations.push(`the histogram counted ${counted - before} of ${burstCount} requests`)
  }
  violations.push(...(await checkTokens(server)), ...(await checkBodies(server)))
  const evidence = await server.stop()
  violations.push(...checkLogLines(sent, evidence.logLines), ...checkSpans(sent, evidence.spans))
  return violations
}

type SentRequest = {
  readonly index: number
  readonly traceId: string
  readonly parentSpanId: string
}

function sentRequest(index: number): SentRequest {
  return {
    index,
    traceId: `c0ffee00${(index + 1).toString(16).padStart(24, '0')}`,
    parentSpanId: `beef${(index + 1).toString(16).padStart(12, '0')}`,
  }
}

function post(
  server: VerifiableServer,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  return fetch(`${server.url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    signal: AbortSignal.timeout(5_000),
  })
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

/** A valid order that also carries keys nobody declared, at two depths. */
function orderWithUnknownKeys(index: number): unknown {
  const order = sampleOrder(index)
  return { ...order, isAdmin: true, address: { ...order.address, planet: 'Earth' } }
}

async function checkAnswer(server: VerifiableServer, sent: SentRequest): Promise<string[]> {
  const subject = subjectOf(sent.index)
  const response = await post(server, JSON.stringify(orderWithUnknownKeys(sent.index)), {
    ...bearer(createToken(subject)),
    traceparent: `00-${sent.traceId}-${sent.parentSpanId}-01`,
  })
  const text = await response.text()
  if (response.status !== 200)
    return [`a valid order got ${response.status}: ${text.slice(0, 200)}`]
  const wanted = declaredReply(priceOrder(sampleOrder(sent.index), subject))
  try {
    deepStrictEqual(JSON.parse(text), wanted)
    return []
  } catch {
    return [`the answer is not the declared one (unknown keys stripped?): ${text.slice(0, 400)}`]
  }
}

async function checkTokens(server: VerifiableServer): Promise<string[]> {
  const body = JSON.stringify(sampleOrder(1))
  const cases: readonly (readonly [string, Record<string, string>])[] = [
    ['without a token', {}],
    ['with a malformed token', bearer('not.a.token')],
    ['with a token of another secret', bearer(createToken('x', { secret: 'x'.repeat(40) }))],
    ['with an expired token', bearer(createToken('x', { lifetimeSeconds: -60 }))],
    ['with a token for another audience', bearer(createToken('x', { audience: 'others' }))],
    ['with an unsigned token', bearer(createToken('x', { algorithm: 'none' }))],
  ]
  const violations: string[] = []
  for (const [title, headers] of cases) {
    const { status } = await post(server, body, headers)
    if (status !== 401) violations.push(`a request ${title} got ${status} instead of 401`)
  }
  return violations
}

async function checkBodies(server: VerifiableServer): Promise<string[]> {
  const order = sampleOrder(1)
  const changed = (change: Partial<Record<keyof OrderRequest, unknown>>): string =>
    JSON.stringify({ ...order, ...change })
  const line = order.lines[0]
  const cases: readonly (readonly [string, string])[] = [
    ['broken JSON', '{"orderId":'],
    ['a missing field', changed({ customerId: undefined })],
    ['an id that is no UUID', changed({ orderId: 'order-1' })],
    ['a bad email', changed({ email: 'not an address' })],
    ['an unknown currency', changed({ currency: 'XXX' })],
    ['an impossible date', changed({ placedOn: '2026-13-01' })],
    ['a text for a number', changed({ discountPercent: 'much' })],
    ['a fraction for an integer', changed({ customerId: 1.5 })],
    ['a note that is too long', changed({ note: 'x'.repeat(201) })],
    ['too many tags', changed({ tags: Array.from({ length: 9 }, () => 'tag') })],
    ['a bad nested field', changed({ address: { ...order.address, country: 'IND' } })],
    ['no lines', changed({ lines: [] })],
    ['a bad line', changed({ lines: [line, { ...line, quantity: 0 }] })],
  ]
  const headers = bearer(createToken('user-1'))
  const violations: string[] = []
  for (const [title, body] of cases) {
    const { status } = await post(server, body, headers)
    if (status !== 400) violations.push(`a body with ${title} got ${status} instead of 400`)
  }
  return violations
}

function checkLogLines(sent: readonly SentRequest[], lines: readonly string[]): string[] {
  const broken = lines.filter((line) => !isJsonObject(line))
  const violations = broken.length > 0 ? [`log line is not JSON: ${broken[0]?.slice(0, 200)}`] : []
  const wrong = sent.filter(({ traceId }) => {
    const own = lines.filter((line) => line.includes(traceId))
    return own.length !== 1 || !own[0]?.includes('200')
  })
  if (wrong.length > 0) {
    violations.push(
      `${wrong.length} of ${sent.length} requests have no single access log line with their ` +
        'trace id and status',
    )
  }
  return violations
}

function checkSpans(sent: readonly SentRequest[], spans: readonly SpanSeen[]): string[] {
  const byTrace = Map.groupBy(spans, (span) => span.traceId)
  const wrong = sent.filter((request) => !isServerWithChild(request, byTrace.get(request.traceId)))
  if (wrong.length === 0) return []
  const example = JSON.stringify(byTrace.get(wrong[0]?.traceId ?? '') ?? [])
  return [
    `${wrong.length} of ${sent.length} requests did not deliver exactly one server span (child of ` +
      `the incoming span) with one child span; the first delivered ${example.slice(0, 400)}`,
  ]
}

function isServerWithChild(sent: SentRequest, spans: readonly SpanSeen[] = []): boolean {
  const server = spans.find((span) => span.parentSpanId === sent.parentSpanId)
  const child = spans.find((span) => span.parentSpanId === server?.spanId)
  return spans.length === 2 && server?.kind === serverKind && child !== undefined
}

async function scrape(server: VerifiableServer): Promise<number> {
  const response = await fetch(`${server.url}/metrics`, { signal: AbortSignal.timeout(5_000) })
  return histogramCount(await response.text(), server.histogram)
}

async function settledCount(server: VerifiableServer, wanted: number): Promise<number> {
  let count = await scrape(server)
  for (let tries = 0; tries < 20 && count < wanted; tries += 1) count = await scrape(server)
  return count
}

function isJsonObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}
