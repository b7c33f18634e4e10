import assert from 'node:assert/strict'
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import * as z from 'zod'
import { command, query } from '../contract/index.ts'
import { BanyanError } from '../kernel/index.ts'
import { type Fixture, operationOf, serve } from './http.fixture.ts'
import { closeOf, openSocket, sendRaw } from './raw-client.fixture.ts'

const nothing = z.object({})
const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, delayMs))

function working(delayMs: number): Promise<Fixture> {
  const declared = query({ input: nothing, output: nothing, http: 'GET /work', access: 'public' })
  const work = operationOf('a.work', declared, async () => {
    await pause(delayMs)
    return {}
  })
  return serve([work], { platform: {} })
}

/** Status of one request over the agent's kept connections; 0 when the connection failed. */
function ask(agent: Agent, url: string): Promise<number> {
  return new Promise((resolve) => {
    get(url, { agent }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', () => resolve(0))
    }).on('error', () => resolve(0))
  })
}

/** A balancer, half of whose clients keep their connections: it asks `/readyz` of the first backend
 *  every 25 ms and sends its clients to the second one as soon as the first is not ready. */
class Balancer {
  readonly #keeping = new Agent({ keepAlive: true })
  readonly #fresh = new Agent()
  readonly #first: string
  readonly #second: string
  #target: string
  #isRunning = true
  requests = 0
  failures = 0

  constructor(first: string, second: string) {
    this.#first = first
    this.#second = second
    this.#target = first
  }

  start(clients: number): Promise<unknown> {
    const agents = Array.from({ length: clients }, (_, index) =>
      index % 2 === 0 ? this.#keeping : this.#fresh,
    )
    return Promise.all([this.#check(), ...agents.map((agent) => this.#client(agent))])
  }

  stop(): void {
    this.#isRunning = false
  }

  [Symbol.dispose](): void {
    this.#keeping.destroy()
  }

  async #check(): Promise<void> {
    while (this.#isRunning) {
      const status = await ask(this.#fresh, `${this.#first}/readyz`)
      this.#target = status === 200 ? this.#first : this.#second
      await pause(25)
    }
  }

  async #client(agent: Agent): Promise<void> {
    while (this.#isRunning) {
      const status = await ask(agent, `${this.#target}/work`)
      this.requests++
      if (status !== 200) this.failures++
    }
  }
}

test('draining under load fails no request', async () => {
  await using first = await working(5)
  await using second = await working(5)
  using balancer = new Balancer(first.url, second.url)
  const load = balancer.start(16)
  await pause(150)
  const startMs = performance.now()
  const cutOff = await first.server.drain({ noticeMs: 300, deadlineMs: 5_000 })
  const tookMs = performance.now() - startMs
  await pause(100)
  balancer.stop()
  await load
  assert.equal(cutOff, 0)
  assert.equal(balancer.failures, 0)
  assert.ok(balancer.requests > 200, `${balancer.requests}`)
  assert.ok(tookMs >= 290 && tookMs < 2_000, `${tookMs}`)
  assert.equal(await ask(new Agent(), `${first.url}/livez`), 0)
})

test('a bare server.close() under the same load fails requests, so the test can fail', async () => {
  const bare = createServer((request, response) => {
    if (request.url === '/readyz') response.end()
    else setTimeout(() => response.end(), 5)
  })
  await new Promise<void>((resolve) => void bare.listen(0, '127.0.0.1', resolve))
  await using second = await working(5)
  using balancer = new Balancer(
    `http://127.0.0.1:${(bare.address() as AddressInfo).port}`,
    second.url,
  )
  const load = balancer.start(16)
  await pause(150)
  bare.close()
  await pause(200)
  balancer.stop()
  await load
  bare.closeAllConnections()
  assert.ok(balancer.failures > 0)
})

test('while it drains, the server answers and closes each connection', async () => {
  await using fixture = await working(1)
  const drained = fixture.server.drain({ noticeMs: 200 })
  assert.equal(drained, fixture.server.drain({ noticeMs: 9_000 }))
  const { text, isClosed } = await sendRaw(fixture.port, 'GET /work HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.match(text, /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n/)
  assert.ok(isClosed)
  assert.equal(await drained, 0)
})

test('what is in flight at the deadline is cut off and counted', async () => {
  await using fixture = await working(1_000)
  const socket = await openSocket(fixture.port)
  const closed = closeOf(socket)
  socket.write('GET /work HTTP/1.1\r\nHost: a\r\n\r\n')
  await pause(50)
  const startMs = performance.now()
  assert.equal(await fixture.server.drain({ noticeMs: 50, deadlineMs: 200 }), 1)
  assert.ok(performance.now() - startMs < 600)
  await closed
})

test('idle kept connections do not hold up a drain', async () => {
  await using fixture = await working(1)
  const sockets = await Promise.all(Array.from({ length: 50 }, () => openSocket(fixture.port)))
  for (const socket of sockets) socket.write('GET /work HTTP/1.1\r\nHost: a\r\n\r\n')
  await pause(100)
  const closed = Promise.all(sockets.map(closeOf))
  const startMs = performance.now()
  assert.equal(await fixture.server.drain({ noticeMs: 0, deadlineMs: 5_000 }), 0)
  assert.ok(performance.now() - startMs < 1_000)
  await closed
})

test('stopping twice is stopping once, and a stopped port is free', async () => {
  const fixture = await working(1)
  await Promise.all([fixture.server.stop(), fixture.server.stop()])
  await fixture.server.stop()
  await using again = await serve([], { server: { port: fixture.port } })
  assert.equal(again.port, fixture.port)
})

test('a port in use is a coded error that names it', async () => {
  await using fixture = await working(1)
  await assert.rejects(
    serve([], { server: { port: fixture.port } }),
    (error) =>
      error instanceof BanyanError &&
      error.code === 'HTTP_LISTEN_FAILED' &&
      error.message.includes(`127.0.0.1:${fixture.port}`),
  )
})

test('a command in flight when the drain begins gets its answer', async () => {
  const release = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const declared = command({ input: nothing, output: nothing, http: 'POST /c', access: 'public' })
  const slow = operationOf('a.c', declared, async () => {
    started.resolve()
    await release.promise
    return {}
  })
  await using fixture = await serve([slow])
  const answer = fetch(`${fixture.url}/c`, { method: 'POST' })
  await started.promise
  const drained = fixture.server.drain({ noticeMs: 10 })
  await pause(100)
  release.resolve()
  assert.equal((await answer).status, 200)
  assert.equal(await drained, 0)
})
