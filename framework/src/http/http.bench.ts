/**
 * By hand: `node --conditions=source framework/src/http/http.bench.ts` (needs `wrk` and `taskset`).
 * Server on core 0, load on core 1; the figure to compare is the server's CPU time per request, which
 * other work on the machine disturbs least. `bare` is node:http that parses and answers the same body.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'
import { command, query } from '../contract/index.ts'
import { createWorld, Deadlines, type Principal } from '../kernel/index.ts'
import { createFileSink, createTelemetry, spanKind } from '../telemetry/index.ts'
import { operationOf } from './http.fixture.ts'
import { createHttpHandler, startHttpServer } from './index.ts'

const order = {
  orderId: '0192f0c1-7d7a-7b5e-9a3e-1a2b3c4d5e6f',
  customer: 'cus_9f8a7b6c',
  currency: 'EUR',
  country: 'DE',
  email: 'someone@example.org',
  priority: true,
  total: 12_999,
  note: 'leave at the door',
  createdOn: '2026-11-22',
  address: { street: 'Some street 12', city: 'Berlin' },
  lines: [{ sku: 'A-1', count: 2 }],
}
const Order = z.object({
  orderId: z.string(),
  customer: z.string(),
  currency: z.string().length(3),
  country: z.string(),
  email: z.string(),
  priority: z.boolean(),
  total: z.int(),
  note: z.string(),
  createdOn: z.string(),
  address: z.object({ street: z.string(), city: z.string() }),
  lines: z.array(z.object({ sku: z.string(), count: z.int() })).max(100),
})

async function serveBanyan(): Promise<number> {
  const world = createWorld()
  const { clock, random } = world
  const { openSync } = await import('node:fs')
  const sink = createFileSink(openSync('/dev/null', 'w'))
  const telemetry = createTelemetry({ clock, random, service: 'bench', sink })
  const { tracer } = telemetry
  const name = tracer.name('bench.order')
  const place = operationOf(
    'bench.order',
    command({ input: Order, output: Order, http: 'POST /order', access: 'signed-in' }),
    (input: z.output<typeof Order>, context) => {
      const span = tracer.start(name, spanKind.internal, context.trace)
      span.end()
      return input
    },
  )
  const Hello = z.object({ hello: z.string() })
  const hello = operationOf(
    'bench.hello',
    query({
      input: z.object({ name: z.string() }),
      output: Hello,
      http: 'GET /hello/{name}',
      access: 'public',
    }),
    (input: { name: string }) => ({ hello: input.name }),
  )
  const principals = new Map<string, Principal>([['token', { subject: 'u1', roles: ['customer'] }]])
  const authenticate = (token: string): Principal => {
    const known = principals.get(token)
    if (known === undefined) throw new Error('unknown token')
    return known
  }
  const handler = createHttpHandler({
    operations: [place, hello],
    world,
    deadlines: new Deadlines(clock),
    telemetry,
    authenticate,
    platform: {},
  })
  return (await startHttpServer({ handler, clock, telemetry, port: 0 })).port
}

async function serveBare(): Promise<number> {
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      const body = text === '' ? '{"hello":"world"}' : JSON.stringify(JSON.parse(text))
      const length = String(Buffer.byteLength(body))
      response.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', length])
      response.end(body)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

interface Usage {
  readonly cpuMicros: number
}

async function runServer(kind: string): Promise<void> {
  const port = kind === 'bare' ? await serveBare() : await serveBanyan()
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuMicros: user + system })
  })
  process.send?.({ port })
}

function ask<Reply>(child: ChildProcess): Promise<Reply> {
  return new Promise((resolve) => {
    child.once('message', (reply) => resolve(reply as Reply))
    child.send('usage')
  })
}

async function measure(kind: string, path: string, script: string): Promise<string> {
  const self = new URL(import.meta.url).pathname
  const child = spawn('taskset', ['-c', '0', process.execPath, '--conditions=source', self, kind], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { port } = await new Promise<{ port: number }>((resolve) => {
    child.once('message', (reply) => resolve(reply as { port: number }))
  })
  const load = (seconds: number): string => {
    const url = `http://127.0.0.1:${port}${path}`
    const args = ['-c', '1', 'wrk', '-t1', '-c64', `-d${seconds}s`, '--latency', '-s', script, url]
    return spawnSync('taskset', args, { encoding: 'utf8' }).stdout
  }
  load(1)
  const before = await ask<Usage>(child)
  const output = load(3)
  const after = await ask<Usage>(child)
  child.kill()
  const requests = Number(/(\d+) requests in/.exec(output)?.[1] ?? 0)
  const p99 = /99%\s+(\S+)/.exec(output)?.[1] ?? '?'
  const rate = /Requests\/sec:\s+(\S+)/.exec(output)?.[1] ?? '?'
  const bad = /Non-2xx[^\n]*/.exec(output)?.[0] ?? ''
  const micros = ((after.cpuMicros - before.cpuMicros) / requests).toFixed(1)
  return `${kind.padEnd(7)} ${path.padEnd(12)} ${micros} µs CPU/request  ${rate} req/s  p99 ${p99} ${bad}`
}

async function main(): Promise<void> {
  const { mkdtempSync, writeFileSync } = await import('node:fs')
  const { join } = await import('node:path')
  const { tmpdir } = await import('node:os')
  const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-'))
  const headers = `wrk.headers["Authorization"]="Bearer token"\nwrk.headers["traceparent"]="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"\n`
  writeFileSync(join(folder, 'get.lua'), '')
  writeFileSync(
    join(folder, 'post.lua'),
    `wrk.method="POST"\nwrk.headers["Content-Type"]="application/json"\n${headers}wrk.body='${JSON.stringify(order)}'\n`,
  )
  for (let round = 0; round < Number(process.argv[2] ?? 2); round++) {
    for (const kind of ['bare', 'banyan']) {
      console.log(await measure(kind, '/order', join(folder, 'post.lua')))
      console.log(await measure(kind, '/hello/world', join(folder, 'get.lua')))
    }
  }
}

const kind = process.argv[2] ?? ''
process.once('SIGINT', () => process.exit())
if (kind === 'bare' || kind === 'banyan') await runServer(kind)
else await main()
