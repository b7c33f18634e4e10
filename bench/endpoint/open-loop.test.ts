import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadCore, startNode } from '../measure/child.ts'
import { LoadData } from './load-data.ts'

type Result = { sent: number; errors: number; p50Ms: number; p99Ms: number }

/** Loads a server at 50 requests/s, one each 20 ms, for 0.4 s. */
async function loadAtFifty(listener: RequestListener): Promise<Result> {
  using data = new LoadData()
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await using generator = startNode(fileURLToPath(new URL('./open-loop.ts', import.meta.url)), {
    core: loadCore,
    args: [`http://127.0.0.1:${port}`, '50', '0.4', data.tokensFile, data.bodiesFile],
  })
  const result: Result = JSON.parse(await generator.output(10_000))
  server.closeAllConnections()
  server.close()
  return result
}

test('the interval between two requests is no part of their latency', async () => {
  const result = await loadAtFifty((_request, response) => response.end('{}'))
  assert.equal(result.sent, 20)
  assert.equal(result.errors, 0)
  assert.ok(result.p50Ms < 15, `p50 ${result.p50Ms} ms`)
})

test('a stalled server does not slow the load down, and its stall counts in full', async () => {
  const held: (() => void)[] = []
  // Answers nothing until every request has arrived: a closed loop would never get there.
  const result = await loadAtFifty((_request, response) => {
    held.push(() => response.end('{}'))
    if (held.length === 20) for (const answer of held) answer()
  })
  assert.equal(result.sent, 20)
  assert.equal(result.errors, 0)
  assert.ok(result.p99Ms > 300, `p99 ${result.p99Ms} ms`)
})

test('answers other than 200 are errors and no latencies', async () => {
  const result = await loadAtFifty((_request, response) => response.writeHead(503).end())
  assert.equal(result.errors, 20)
  assert.equal(result.p50Ms, 0)
})
