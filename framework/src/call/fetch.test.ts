import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createSystemClock, tryParseTraceparent } from '../kernel/index.ts'
import { createFixture, store } from './calls.fixture.ts'
import { createExternalCaller } from './index.ts'

/** A real server on the loopback interface. */
async function startServer(listener: RequestListener) {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

/** Fetches within `store.read`, whose timeout is 200 ms of the fake clock. */
function fetching(url: string, init?: RequestInit) {
  const fixture = createFixture({
    handlers: {
      async read(_input, ctx) {
        const response = await ctx.fetch(url, init)
        return { value: [response.status, await response.text()] }
      },
    },
  })
  return { ...fixture, answer: createExternalCaller(fixture.calls).of(store).read({}) }
}

test('a fetch carries the trace on, and leaves a client span with the status', async () => {
  const seen: string[] = []
  await using server = await startServer((request, response) => {
    seen.push(String(request.headers['traceparent']), String(request.headers['x-own']))
    response.writeHead(418).end('short and stout')
  })
  const { answer, telemetry } = fetching(`${server.origin}/tea`, { headers: { 'x-own': '1' } })
  assert.deepEqual(await answer, { value: [418, 'short and stout'] })
  const span = telemetry.tracer.read(0).find(({ name }) => name === `fetch ${server.origin}`)
  assert.equal(tryParseTraceparent(seen[0] ?? '')?.spanId, span?.spanId)
  assert.equal(seen[1], '1')
  assert.equal(span?.status, 418)
})

test('nobody listening means that nothing was sent: CALL_FETCH_REFUSED', async () => {
  const server = await startServer(() => {})
  await server[Symbol.asyncDispose]()
  await assert.rejects(fetching(server.origin).answer, {
    code: 'CALL_FETCH_REFUSED',
    kind: 'unavailable',
    details: { origin: server.origin, cause: 'ECONNREFUSED' },
  })
})

test('a connection that is cut after the request may have done it: CALL_FETCH_UNKNOWN', async () => {
  await using server = await startServer((request) => void request.socket.destroy())
  await assert.rejects(fetching(server.origin, { method: 'POST', body: 'x' }).answer, {
    code: 'CALL_FETCH_UNKNOWN',
    kind: 'unknown_outcome',
  })
})

test('a redirect is not followed', async () => {
  await using server = await startServer((_request, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
  })
  await assert.rejects(fetching(server.origin).answer, { code: 'CALL_FETCH_UNKNOWN' })
})

test('a fetch ends with the deadline of its handler, and the server sees it go', async () => {
  const closed = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  await using server = await startServer((request) => {
    arrived.resolve()
    request.socket.on('close', () => closed.resolve())
  })
  const { answer, settle } = fetching(server.origin)
  answer.catch(() => {})
  await arrived.promise
  await assert.rejects(settle(answer), { code: 'CALL_DEADLINE_EXCEEDED' })
  await closed.promise
})

test('a fetch that its own signal ends is told apart from one that its deadline ends', async () => {
  await using server = await startServer(() => {})
  const controller = new AbortController()
  const { answer } = fetching(server.origin, { signal: controller.signal })
  createSystemClock().after(20, () => controller.abort())
  await assert.rejects(answer, { code: 'CALL_FETCH_UNKNOWN' })
})
