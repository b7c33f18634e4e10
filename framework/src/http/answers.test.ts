import assert from 'node:assert/strict'
import test from 'node:test'
import * as z from 'zod'
import { command, failure, query } from '../contract/index.ts'
import {
  BanyanError,
  type Context,
  type ErrorDetails,
  type ErrorKind,
  kernelBug,
  kernelQueueFull,
} from '../kernel/index.ts'
import { type Fixture, handlerOf, operationOf, serve } from './http.fixture.ts'
import { createHttpHandler } from './index.ts'
import { closeOf, openSocket } from './raw-client.fixture.ts'

const nothing = z.object({})
const soldOut = failure('conflict', z.object({ sku: z.string(), left: z.bigint() }))

function failing(error: () => unknown): ReturnType<typeof operationOf> {
  const declared = command({
    input: nothing,
    output: nothing,
    http: 'POST /fail',
    access: 'public',
    failures: ['soldOut'],
  })
  assert.equal(soldOut.kind, 'conflict')
  return operationOf('shopFloor.fail', declared, () => {
    throw error()
  })
}

function errorOf(code: string, kind: ErrorKind, details: ErrorDetails = {}): BanyanError {
  return new BanyanError(
    { code, kind },
    { message: `${code} happened`, fix: 'Do it right.' },
    details,
  )
}

async function post(
  fixture: Fixture,
): Promise<{ response: Response; problem: Record<string, unknown>; text: string }> {
  const response = await fetch(`${fixture.url}/fail`, { method: 'POST' })
  const text = await response.text()
  return { response, text, problem: JSON.parse(text) as Record<string, unknown> }
}

test('an error is answered as problem details that name code, trace and fix', async () => {
  await using fixture = await serve([
    failing(() => errorOf('CALL_ORDER_PAID', 'conflict', { secret: 1 })),
  ])
  const { response, problem } = await post(fixture)
  assert.equal(response.status, 409)
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  const traceId = response.headers.get('trace-id')
  assert.match(traceId ?? '', /^[0-9a-f]{32}$/)
  assert.deepEqual(problem, {
    type: 'urn:banyan:CALL_ORDER_PAID',
    title: 'Conflict',
    status: 409,
    detail: 'CALL_ORDER_PAID happened',
    instance: '/fail',
    code: 'CALL_ORDER_PAID',
    traceId,
    fix: 'Do it right.',
  })
})

test('every answer forbids a browser to sniff, frame or embed it', async () => {
  await using fixture = await serve([failing(() => errorOf('A_B_C', 'conflict'))], {
    platform: { openApi: () => ({}) },
  })
  const tag = (await fetch(`${fixture.url}/openapi.json`)).headers.get('etag') ?? ''
  const answers = await Promise.all([
    post(fixture).then(({ response }) => response),
    fetch(`${fixture.url}/none`),
    fetch(`${fixture.url}/docs`),
    fetch(`${fixture.url}/openapi.json`, { headers: { 'If-None-Match': tag } }),
    fetch(`${fixture.url}/fail`, { method: 'OPTIONS' }),
  ])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [409, 404, 200, 304, 204],
  )
  for (const { headers, url } of answers) {
    assert.equal(headers.get('x-content-type-options'), 'nosniff', url)
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin', url)
    assert.match(
      headers.get('content-security-policy') ?? '',
      /^default-src 'none';.* frame-ancestors 'none'$/,
    )
    assert.match(headers.get('trace-id') ?? '', /^[0-9a-f]{32}$/)
  }
})

test('a declared failure brings its details in the wire form', async () => {
  const details = { sku: 'a', left: 12345678901234567890n }
  await using fixture = await serve([
    failing(() => errorOf('SHOP_FLOOR_SOLD_OUT', 'conflict', details)),
  ])
  const { problem } = await post(fixture)
  assert.deepEqual(problem['details'], { sku: 'a', left: '12345678901234567890' })
})

test('the kind decides the status, unless the code has one of its own', async () => {
  const cases: readonly [string, ErrorKind, number][] = [
    ['A_B_INVALID', 'invalid', 400],
    ['A_B_FORBIDDEN', 'forbidden', 403],
    ['A_B_MISSING', 'not_found', 404],
    ['A_B_FULL', 'exhausted', 429],
    ['A_B_DOWN', 'unavailable', 503],
    ['A_B_UNKNOWN', 'unknown_outcome', 504],
    ['DATA_IDEMPOTENCY_MISMATCH', 'conflict', 422],
  ]
  let next = cases[0]
  await using fixture = await serve([failing(() => errorOf(next?.[0] ?? '', next?.[1] ?? 'bug'))])
  for (next of cases) assert.equal((await post(fixture)).response.status, next[2], next[0])
})

test('who is refused for load is told when to come back', async () => {
  let details: ErrorDetails = {}
  await using fixture = await serve([failing(() => errorOf('A_B_FULL', 'exhausted', details))])
  const seconds = Number((await post(fixture)).response.headers.get('retry-after'))
  assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 5)
  details = { retryAfterMs: 7_200 }
  assert.equal((await post(fixture)).response.headers.get('retry-after'), '8')
})

test("a bug's message, details and cause never leave the process; its code and trace do", async () => {
  const coded = (): BanyanError => kernelBug({ cause: 'password hunter2' })
  const errors = [() => new TypeError('password hunter2'), coded, () => 'hunter2']
  for (const error of errors) {
    await using fixture = await serve([failing(error)])
    const { response, problem, text } = await post(fixture)
    assert.deepEqual([response.status, problem['code']], [500, 'KERNEL_BUG'])
    assert.ok(
      !text.includes('hunter2') && !JSON.stringify([...response.headers]).includes('hunter2'),
    )
    await fixture.telemetry.logs.flush()
    const logged = fixture.sink.lines.find((line) => line.includes('hunter2'))
    // A coded bug comes from the call's pipeline, which has logged it.
    if (error === coded) assert.equal(logged, undefined)
    else
      assert.ok(
        logged?.includes(`"traceId":"${String(problem['traceId'])}"`),
        fixture.sink.lines.join(),
      )
  }
})

test('an output that cannot be encoded is a bug, not a hang', async () => {
  const declared = query({ input: nothing, output: z.any(), http: 'GET /odd', access: 'public' })
  await using fixture = await serve([operationOf('a.odd', declared, () => ({ nan: Number.NaN }))])
  const response = await fetch(`${fixture.url}/odd`)
  assert.equal(response.status, 500)
  assert.match(await response.text(), /KERNEL_VALUE_UNENCODABLE/)
})

test('admission refuses before anything is checked', async () => {
  const admitted: string[] = []
  await using fixture = await serve([failing(() => errorOf('A_B_C', 'conflict'))], {
    admit: (operation, headers) => {
      admitted.push(operation.id)
      return headers['x-shed'] === undefined
        ? undefined
        : kernelQueueFull({ queue: 'edge', limit: 1 })
    },
  })
  const headers = { 'X-Shed': '1', Authorization: 'Bearer bad' }
  const response = await fetch(`${fixture.url}/fail`, { method: 'POST', headers })
  assert.equal(response.status, 429)
  assert.equal((await post(fixture)).response.status, 409)
  assert.deepEqual(admitted, ['shopFloor.fail', 'shopFloor.fail'])
})

test('a request continues its caller’s trace, and a bad traceparent starts a new one', async () => {
  let context: Context | undefined
  const declared = query({ input: nothing, output: nothing, http: 'GET /trace', access: 'public' })
  const traced = operationOf('a.trace', declared, (_input, given) => {
    context = given
    return {}
  })
  await using fixture = await serve([traced])
  const ask = async (traceparent: string): Promise<string> => {
    const response = await fetch(`${fixture.url}/trace`, { headers: { traceparent } })
    return response.headers.get('trace-id') ?? ''
  }
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  assert.equal(await ask(`00-${traceId}-b7ad6b7169203331-01`), traceId)
  assert.equal(context?.trace.traceId, traceId)
  const span = fixture.telemetry.tracer.read(0).at(-1)
  assert.equal(span?.parentSpanId, 'b7ad6b7169203331')
  assert.deepEqual([span?.name, span?.kind, span?.status], ['GET /trace', 2, 200])
  for (const bad of [
    `ff-${traceId}-b7ad6b7169203331-01`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    'x',
  ]) {
    assert.notEqual(await ask(bad), traceId)
  }
})

test('each request is one access line, one span and one observation', async () => {
  await using fixture = await serve([failing(() => errorOf('CALL_ORDER_PAID', 'conflict'))])
  const { problem } = await post(fixture)
  await fetch(`${fixture.url}/none?token=hidden`)
  await fixture.telemetry.logs.flush()
  const lines = fixture.sink.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.equal(lines.length, 2)
  const { durationMs, time, responseBytes, spanId, ...line } = lines[0] ?? {}
  assert.ok([durationMs, time, responseBytes].every((value) => typeof value === 'number'))
  assert.deepEqual(line, {
    level: 30,
    name: 'test',
    traceId: problem['traceId'],
    method: 'POST',
    path: '/fail',
    operation: 'shopFloor.fail',
    status: 409,
    requestBytes: 0,
    code: 'CALL_ORDER_PAID',
    msg: 'request',
  })
  assert.ok(!fixture.sink.lines.join().includes('hidden'))
  const spans = fixture.telemetry.tracer.read(0)
  assert.deepEqual(
    spans.map((span) => [span.name, span.status, span.errorCode]),
    [
      ['POST /fail', 409, 'CALL_ORDER_PAID'],
      ['HTTP request', 404, 'HTTP_ROUTE_NOT_FOUND'],
    ],
  )
  assert.equal(spans[0]?.spanId, spanId)
  const metrics = fixture.telemetry.metrics.text()
  const labels =
    'operation="shopFloor.fail",http_request_method="POST",http_route="/fail",http_response_status_code="409"'
  assert.ok(metrics.includes(`http_server_request_duration_seconds_count{${labels}} 1\n`), metrics)
  assert.ok(metrics.includes('http_server_active_requests 0\n'))
})

test('a client that leaves cancels the work it asked for', async () => {
  const cancelled = Promise.withResolvers<unknown>()
  const declared = query({ input: nothing, output: nothing, http: 'GET /slow', access: 'public' })
  const started = Promise.withResolvers<void>()
  const slow = operationOf('a.slow', declared, (_input, context) => {
    context.signal.addEventListener('abort', () => cancelled.resolve(context.signal.reason))
    started.resolve()
    return cancelled.promise.then(() => ({}))
  })
  await using fixture = await serve([slow])
  const socket = await openSocket(fixture.port)
  socket.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
  await started.promise
  assert.equal(fixture.handler.inFlight, 1)
  socket.destroy()
  const reason = await cancelled.promise
  assert.ok(reason instanceof BanyanError && reason.code === 'HTTP_CLIENT_DISCONNECTED')
  assert.equal(fixture.handler.inFlight, 0)
  await fixture.telemetry.logs.flush()
  assert.equal(fixture.sink.lines.length, 1)
  assert.match(fixture.sink.lines[0] ?? '', /"status":499.*"code":"HTTP_CLIENT_DISCONNECTED"/)
})

test('a body that does not end in time is a 408 and a closed connection', async () => {
  await using fixture = await serve([failing(() => errorOf('A_B_C', 'conflict'))], {
    bodyTimeoutMs: 50,
  })
  const socket = await openSocket(fixture.port)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString()
  })
  const closed = closeOf(socket)
  socket.write(
    'POST /fail HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  )
  await closed
  assert.match(text, /^HTTP\/1\.1 408 [^]*HTTP_REQUEST_TIMEOUT/)
})

test('two operations on one route, and a parameter that is no field, are refused at boot', () => {
  const one = failing(() => 1)
  const code = (expected: string) => (error: unknown) =>
    error instanceof BanyanError && error.code === expected
  assert.throws(() => handlerOf([one, { ...one, id: 'b.other' }]), code('HTTP_ROUTE_DUPLICATED'))
  const declared = query({ input: nothing, output: nothing, http: 'GET /x/{id}', access: 'public' })
  assert.throws(
    () => handlerOf([operationOf('a.b', declared, () => ({}))]),
    code('HTTP_PARAMETER_UNKNOWN'),
  )
  for (const origin of [
    '*',
    'null',
    'shop.example',
    'https://shop.example/',
    'https://*.example',
  ]) {
    const cors = { origins: [origin] }
    assert.throws(() => handlerOf([], { cors }), code('HTTP_CORS_ORIGIN_INVALID'), origin)
  }
  assert.equal(typeof createHttpHandler, 'function')
})

test('cross-origin pages are answered only when their origin is listed exactly', async () => {
  const operations = [failing(() => errorOf('A_B_C', 'conflict'))]
  const origins = ['https://shop.example']
  await using fixture = await serve(operations, { cors: { origins, credentials: true } })
  const ask = (
    origin: string,
    method: string,
    extra: Record<string, string> = {},
  ): Promise<Response> =>
    fetch(`${fixture.url}/fail`, { method, headers: { Origin: origin, ...extra } })
  const preflight = await ask('https://shop.example', 'OPTIONS', {
    'Access-Control-Request-Method': 'POST',
  })
  assert.equal(preflight.status, 204)
  assert.equal(preflight.headers.get('access-control-allow-origin'), 'https://shop.example')
  assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST/)
  assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /Idempotency-Key/)
  assert.equal(preflight.headers.get('access-control-max-age'), '600')
  assert.equal(preflight.headers.get('access-control-allow-credentials'), 'true')
  const answer = await ask('https://shop.example', 'POST')
  assert.equal(answer.headers.get('access-control-allow-origin'), 'https://shop.example')
  assert.equal(answer.headers.get('vary'), 'Origin')
  const tricks = [
    'null',
    'http://shop.example',
    'https://shop.example.evil.example',
    'https://evilshop.example',
    'https://shop.example:444',
    'https://SHOP.example',
    'https://shop.example, https://evil.example',
  ]
  for (const origin of tricks) {
    for (const method of ['OPTIONS', 'POST']) {
      const refused = await ask(origin, method, { 'Access-Control-Request-Method': 'POST' })
      assert.equal(refused.headers.get('access-control-allow-origin'), null, origin)
      assert.equal(refused.headers.get('access-control-allow-methods'), null, origin)
    }
  }
  await using closed = await serve(operations)
  const silent = await fetch(`${closed.url}/fail`, {
    method: 'POST',
    headers: { Origin: origins[0] ?? '' },
  })
  assert.equal(silent.headers.get('access-control-allow-origin'), null)
})

test('a declared failure whose details JSON cannot hold is still answered', async () => {
  const details: Record<string, unknown> = { sku: 'a', left: 1n }
  details['self'] = details
  await using fixture = await serve([
    failing(() => errorOf('SHOP_FLOOR_SOLD_OUT', 'conflict', details)),
  ])
  const { response, problem } = await post(fixture)
  assert.deepEqual([response.status, problem['details']], [409, undefined])
})

test('garbage behind a request at work closes the connection and is not taken for its answer', async () => {
  const release = Promise.withResolvers<object>()
  const declared = command({ input: nothing, output: nothing, http: 'POST /c', access: 'public' })
  await using fixture = await serve([operationOf('a.c', declared, () => release.promise)])
  const socket = await openSocket(fixture.port)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString()
  })
  const closed = closeOf(socket)
  socket.write('POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nGARBAGE\r\n\r\n')
  await closed
  release.resolve({})
  assert.equal(text, '')
})

test('a body that breaks off in garbage is one 400 and one access line', async () => {
  await using fixture = await serve([failing(() => errorOf('A_B_C', 'conflict'))])
  const head = 'POST /fail HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
  const socket = await openSocket(fixture.port)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString()
  })
  const closed = closeOf(socket)
  socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nZZ\r\n`)
  await closed
  assert.match(text, /^HTTP\/1\.1 400 [^]*HTTP_MESSAGE_MALFORMED/)
  await fixture.telemetry.logs.flush()
  assert.equal(fixture.sink.lines.length, 1, fixture.sink.lines.join('\n'))
})
