import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import test from 'node:test'
import * as z from 'zod'
import { command, query } from '../contract/index.ts'
import { type Fixture, operationOf, serve } from './http.fixture.ts'
import type { HttpServerOptions } from './index.ts'
import { closeOf, openSocket, sendRaw } from './raw-client.fixture.ts'

const nothing = z.object({})
const big = 'x'.repeat(24 * 1024 * 1024)
const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, delayMs))

function start(server: Partial<HttpServerOptions>): Promise<Fixture> {
  const operations = [
    operationOf(
      'a.read',
      query({ input: nothing, output: nothing, http: 'GET /ok', access: 'public' }),
      () => ({}),
    ),
    operationOf(
      'a.late',
      query({ input: nothing, output: nothing, http: 'GET /late', access: 'public' }),
      async () => {
        await pause(700)
        return {}
      },
    ),
    operationOf(
      'a.write',
      command({ input: nothing, output: nothing, http: 'POST /ok', access: 'public' }),
      () => ({}),
    ),
    operationOf(
      'a.big',
      command({ input: nothing, output: z.string(), http: 'POST /big', access: 'public' }),
      () => big,
    ),
  ]
  return serve(operations, { server, platform: {} })
}

async function isServing(fixture: Fixture): Promise<boolean> {
  const startMs = performance.now()
  const { status } = await fetch(`${fixture.url}/ok`)
  return status === 200 && performance.now() - startMs < 1_000
}

/** Sends one byte every 50 ms until the server closes. */
function drip(socket: Socket, text: string): void {
  let at = 0
  const timer = setInterval(() => {
    if (socket.destroyed || at >= text.length) clearInterval(timer)
    else socket.write(text[at++] ?? '')
  }, 50)
  socket.once('close', () => clearInterval(timer))
}

test('clients that drip their headers are cut off with a 408, and others are served meanwhile', async () => {
  await using fixture = await start({ headersTimeoutMs: 400, requestTimeoutMs: 800 })
  const sockets = await Promise.all(Array.from({ length: 40 }, () => openSocket(fixture.port)))
  const closed = Promise.all(sockets.map(closeOf))
  let answers = ''
  for (const socket of sockets) {
    socket.on('data', (chunk) => {
      answers += chunk.toString()
    })
    drip(socket, `GET /ok HTTP/1.1\r\nHost: a\r\nX-A: ${'b'.repeat(500)}`)
  }
  assert.ok(await isServing(fixture))
  const times = await closed
  assert.ok(Math.max(...times) < 3_000, `${Math.max(...times)}`)
  assert.equal(answers.match(/HTTP\/1\.1 408 /g)?.length, 40)
})

test('clients that drip their bodies are cut off with a 408', async () => {
  await using fixture = await start({ headersTimeoutMs: 400, requestTimeoutMs: 800 })
  const socket = await openSocket(fixture.port)
  const closed = closeOf(socket)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString()
  })
  const head = 'POST /ok HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
  socket.write(`${head}Content-Length: 5000\r\n\r\n`)
  drip(socket, ' '.repeat(5_000))
  assert.ok((await closed) < 3_500)
  assert.match(answer, /^HTTP\/1\.1 408 /)
})

test('2,000 connections that say nothing are gone in seconds and keep nobody out', async () => {
  await using fixture = await start({ headersTimeoutMs: 500, requestTimeoutMs: 1_000 })
  const sockets: Socket[] = []
  for (let count = 0; count < 2_000; count += 200) {
    const opening = Array.from({ length: 200 }, () => openSocket(fixture.port))
    sockets.push(...(await Promise.all(opening)))
  }
  const closed = Promise.all(sockets.map(closeOf))
  assert.ok(await isServing(fixture))
  const startMs = performance.now()
  await closed
  assert.ok(performance.now() - startMs < 5_000)
})

test('connections past the limit are closed at once', async () => {
  await using fixture = await start({ connectionsMax: 5 })
  const sockets = await Promise.all(Array.from({ length: 5 }, () => openSocket(fixture.port)))
  const sixth = await openSocket(fixture.port)
  assert.ok((await closeOf(sixth)) < 500)
  for (const socket of sockets) socket.destroy()
})

test('a client that never reads its answer is cut off, one whose operation is slow is not', async () => {
  await using fixture = await start({ idleTimeoutMs: 200 })
  const socket = await openSocket(fixture.port)
  socket.pause()
  socket.on('error', () => undefined)
  socket.write('POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
  await pause(1_200)
  let received = 0
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.resume()
  await closed
  assert.ok(received < big.length, `${received}`)
  const late = await fetch(`${fixture.url}/late`)
  assert.equal(late.status, 200)
})

test('a client that has closed its sending half counts as gone, and its work is cancelled', async () => {
  await using fixture = await start({})
  const socket = connect({ port: fixture.port, host: '127.0.0.1', allowHalfOpen: true })
  const closed = closeOf(socket)
  socket.write('GET /late HTTP/1.1\r\nHost: a\r\n\r\n')
  await pause(100)
  assert.equal(fixture.handler.inFlight, 1)
  socket.end()
  assert.ok((await closed) < 500)
  assert.equal(fixture.handler.inFlight, 0)
})

test('pipelined requests are answered each once and in order', async () => {
  await using fixture = await start({})
  const one = 'GET /late HTTP/1.1\r\nHost: a\r\n\r\n'
  const rest = 'GET /ok HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50)
  const { statuses } = await sendRaw(fixture.port, one + rest, 900)
  assert.deepEqual(statuses, [200, ...Array.from({ length: 50 }, () => [200, 404]).flat()])
})
