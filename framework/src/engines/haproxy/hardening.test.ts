import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import * as z from 'zod'
import { command, query } from '../../contract/index.ts'
import { operationOf, serve } from '../../http/http.fixture.ts'
import { openSocket, sendRaw } from '../../http/raw-client.fixture.ts'
import { mustAccept, mustReject } from '../../http/reject-corpus.fixture.ts'
import { sleep } from '../../kernel/index.ts'
import {
  clock,
  freePort,
  gatewayOf,
  haproxy,
  planOf,
  serving,
  type TestGateway,
} from './gateway.fixture.ts'
import { send } from './load.fixture.ts'
import { waitUntil } from './wait-until.ts'

const nothing = z.object({})

/** Messages that HAProxy puts right instead of refusing them: what an instance gets is unambiguous. */
const mended: ReadonlySet<string> = new Set([
  // the length is dropped
  'length and chunks together',
  'chunks and length together',
  // one is kept
  'two equal lengths',
  'a list of lengths',
  'two equal Hosts',
  // rewritten
  'a space after a chunk size',
  'a bare LF after a chunk size',
  'a bare LF after a chunk',
  'a bare LF after the request line',
  'a bare LF between headers',
  'a folded header line',
  'two spaces before the target',
  'two spaces before the version',
  'tabs between the parts',
  'two spaces in the second of two requests',
])

async function gatewayBefore(port: number): Promise<TestGateway> {
  const made = await gatewayOf()
  await made.gateway.start()
  const address = { host: '127.0.0.1', port }
  await made.gateway.apply({ instances: [{ id: 'a', address, state: 'ready' }] })
  return made
}

test(
  'messages that two readers could read differently are refused or put right, never passed on',
  haproxy,
  async () => {
    let runs = 0
    const answer = (): object => {
      runs++
      return {}
    }
    const shared = { input: nothing, output: nothing, access: 'public' } as const
    const operations = [
      operationOf('ok.read', query({ ...shared, http: 'GET /ok' }), answer),
      operationOf('ok.write', command({ ...shared, http: 'POST /ok' }), answer),
    ]
    await using instance = await serve(operations, { platform: {} })
    await using made = await gatewayBefore(instance.port)
    const slips: string[] = []
    for (const { name, bytes } of mustReject) {
      const before = runs
      const { statuses } = await sendRaw(made.port, bytes, 50)
      const done = statuses.filter((status) => status === 200).length
      const requests = name.includes('two requests') ? 2 : 1
      const isRight = mended.has(name)
        ? statuses.length === requests && done === requests
        : statuses.length > 0 && statuses.every((status) => status >= 400 && status < 500)
      if (!isRight || runs - before !== done) {
        slips.push(`${name}: ${statuses.join(', ')}, ${runs - before} runs`)
      }
    }
    for (const { name, bytes } of mustAccept) {
      const { statuses } = await sendRaw(made.port, bytes, 50)
      if (statuses.join() !== '200') slips.push(`${name}: ${statuses.join(', ')}`)
    }
    assert.deepEqual(slips, [])
  },
)

test('conflicting framing is refused by the gateway itself', haproxy, async () => {
  await using made = await serving(['a'])
  const post = 'POST /orders HTTP/1.1\r\nHost: x\r\n'
  for (const bytes of [
    `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\nab`,
    `${post}Content-Length: -1\r\n\r\n`,
    `${post}Content_Length: 2\r\n\r\nab`,
    `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
    `${post}Transfer-Encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n`,
    'GET /orders HTTP/9.9\r\nHost: x\r\n\r\n',
    'GET /orders HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
    'GET /ord\0ers HTTP/1.1\r\nHost: x\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ]) {
    const { statuses, text } = await sendRaw(made.port, bytes, 60)
    assert.equal(statuses[0], 400, `${JSON.stringify(bytes)}: ${text}`)
    // What HAProxy cannot even parse it refuses in words of its own.
    if (/^.* HTTP\/9|Content_Length/.test(bytes)) {
      assert.match(text, /"code":"HAPROXY_MESSAGE_MALFORMED"/)
    }
  }
  const [a] = made.instances
  assert.deepEqual(a?.seen, [])
})

test(
  'what is for operators and peers is not reachable, however it is written',
  haproxy,
  async () => {
    await using made = await serving(['a'])
    for (const path of [
      '/metrics',
      '/livez',
      '/readyz',
      '/readyz?verbose',
      '/rpc',
      '/rpc/orders/place',
      '//metrics',
      '/%6detrics',
      '/metric%73',
      '/rpc%2forders',
      '/metrics/',
      `http://127.0.0.1:${made.port}/metrics`,
    ]) {
      const { statuses, text } = await sendRaw(
        made.port,
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${made.port}\r\nConnection: close\r\n\r\n`,
      )
      assert.deepEqual(statuses, [404], path)
      assert.match(text, /"code":"HTTP_ROUTE_NOT_FOUND"/)
    }
    for (const path of ['/metricsx', '/orders/metrics', '/rpcs']) {
      assert.equal((await send(`${made.url}${path}`)).status, 200, path)
    }
    for (const method of ['TRACE', 'CONNECT']) {
      const target = method === 'CONNECT' ? 'x:1' : '/orders'
      const { statuses, text } = await sendRaw(
        made.port,
        `${method} ${target} HTTP/1.1\r\nHost: x:1\r\n\r\n`,
      )
      assert.deepEqual(statuses, [405], method)
      assert.match(text, /"code":"HAPROXY_METHOD_REFUSED"/)
    }
  },
)

test(
  'headers pass untouched, but for those that say where a request came from',
  haproxy,
  async () => {
    await using made = await serving(['a'])
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const sent = {
      'X-Request-Id': 'r-1',
      'X-Forwarded-For': '10.1.1.1',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'bank.example',
      'X-Real-IP': '10.1.1.1',
      Forwarded: 'for=10.1.1.1',
      traceparent,
      x_under_score: 'kept',
    }
    const { headers } = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(`${made.url}/orders`, { headers: sent }, (answer) => {
        answer.resume()
        resolve(answer)
      })
      outgoing.on('error', reject)
      outgoing.end()
    })
    assert.equal(headers['keep-alive'], undefined)
    assert.equal(headers.via, undefined)
    await sleep(clock, 100)
    const seen = made.instances[0]?.seen[0]?.headers ?? {}
    assert.equal(seen['x-request-id'], 'r-1')
    assert.equal(seen['traceparent'], traceparent)
    assert.equal(seen['x_under_score'], 'kept')
    assert.equal(seen['x-forwarded-for'], '127.0.0.1')
    for (const name of ['x-forwarded-proto', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via']) {
      assert.equal(seen[name], undefined, name)
    }
  },
)

test('the gateway says itself whether an instance is ready', haproxy, async () => {
  await using made = await serving(['a'])
  assert.deepEqual(await send(`${made.url}/gateway/readyz`), {
    status: 200,
    text: '{"status":"ready"}',
  })
  await made.gateway.apply({ instances: [] })
  assert.deepEqual(await send(`${made.url}/gateway/readyz`), {
    status: 503,
    text: '{"status":"unready"}',
  })
  const answer = await fetch(`${made.url}/orders`)
  assert.equal(answer.status, 503)
  assert.equal(answer.headers.get('retry-after'), '1')
  assert.equal(answer.headers.get('content-type'), 'application/problem+json')
  const problem = (await answer.json()) as Record<string, unknown>
  assert.equal(problem['code'], 'HAPROXY_INSTANCE_MISSING')
  assert.equal(problem['type'], 'urn:banyan:HAPROXY_INSTANCE_MISSING')
})

test(
  'an answer that does not come in time is an unknown outcome, and is not asked for again',
  haproxy,
  async () => {
    const port = await freePort()
    const timeouts = { clientMs: 2_000, gatewayMs: 400, operationMs: 300 }
    await using made = await serving(['a', 'b'], { port, plan: { ...planOf(port), timeouts } })
    const { status, text } = await send(`${made.url}/orders?ms=2000`)
    assert.equal(status, 504)
    assert.match(text, /"code":"HAPROXY_ANSWER_OVERDUE"/)
    await sleep(clock, 100)
    assert.equal(made.instances.flatMap(({ seen }) => seen).length, 1)
  },
)

test('a request that comes in drops is refused when its time is over', haproxy, async () => {
  const port = await freePort()
  const timeouts = { clientMs: 600, gatewayMs: 400, operationMs: 300 }
  await using made = await serving(['a'], { port, plan: { ...planOf(port), timeouts } })
  const answerTo = async (start: string): Promise<string> => {
    const socket = await openSocket(made.port)
    socket.write(start)
    const drops = setInterval(() => void socket.write('x'), 50)
    const [bytes]: Buffer[] = await once(socket, 'data')
    clearInterval(drops)
    socket.destroy()
    return String(bytes)
  }
  assert.match(await answerTo('GET /orders HTTP/1.1\r\nHost: x\r\n'), /^HTTP\/1\.1 408 /)
  const head =
    'POST /orders HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k\r\nContent-Length: 900\r\n\r\n'
  assert.match(await answerTo(head), /^HTTP\/1\.1 408 [^]*"code":"HAPROXY_REQUEST_OVERDUE"/)
})

test('an instance learns that a client has left', haproxy, async () => {
  await using made = await serving(['a'])
  const socket = await openSocket(made.port)
  socket.write('GET /orders?ms=3000 HTTP/1.1\r\nHost: x\r\n\r\n')
  await sleep(clock, 150)
  socket.destroy()
  const isTold = await waitUntil({ clock, timeoutMs: 2_000, everyMs: 20 }, async () =>
    made.instances[0]?.gone.length === 1 ? true : undefined,
  )
  assert.equal(isTold, true)
})
