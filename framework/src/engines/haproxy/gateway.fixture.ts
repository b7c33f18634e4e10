/** A gateway, instances and an application for tests. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { command, contract, query } from '../../contract/index.ts'
import { type Clock, createSystemClock } from '../../kernel/index.ts'
import { type Application, application, module } from '../../module/index.ts'
import type { Plan } from '../../topology/index.ts'
import { findBinary } from './binary.ts'
import { createGateway, type Gateway, type GatewayEvent, type GatewayOptions } from './index.ts'
import type { GatewayInstance } from './gateway-state.ts'

export const clock: Clock = createSystemClock()

/** The options of a test that needs HAProxy: skipped where there is none, unless engines are required. */
export const haproxy: { readonly skip?: string } = await findBinary().then(
  () => ({}),
  (error: unknown) => {
    if (process.env['BANYAN_REQUIRE_ENGINES'] === '1') throw error
    return { skip: 'haproxy is not installed: npm run engines' }
  },
)

const nothing = z.object({})
const one = z.object({ id: z.string() })
const open = { output: nothing, access: 'public' } as const

const orders = contract('orders', {
  operations: {
    list: query({ ...open, input: nothing, http: 'GET /orders' }),
    find: query({ ...open, input: one, http: 'GET /orders/{id}' }),
    search: query({ ...open, input: nothing, http: 'POST /orders/search' }),
    place: command({ ...open, input: nothing, http: 'POST /orders', idempotency: 'required' }),
    cancel: command({
      ...open,
      input: one,
      http: 'POST /orders/{id}/cancel',
      idempotency: 'required',
    }),
    cancelDrafts: command({ ...open, input: nothing, http: 'POST /orders/drafts/cancel' }),
    act: command({
      ...open,
      input: z.object({ id: z.string(), action: z.string() }),
      http: 'POST /orders/{id}/{action}',
    }),
    note: command({ ...open, input: nothing, http: 'POST /notes' }),
    visit: command({ ...open, input: nothing, http: 'GET /visit' }),
    internal: command({ ...open, input: nothing, access: 'internal' }),
  },
})
const answer = (): Record<string, never> => ({})
const ordersModule = module(orders, {
  handlers: {
    list: answer,
    find: answer,
    search: answer,
    place: answer,
    cancel: answer,
    cancelDrafts: answer,
    act: answer,
    note: answer,
    visit: answer,
    internal: answer,
  },
})

/** Routes of every repeatability. */
export const testApplication: Application = application('test', { modules: [ordersModule] })

/** A plan with a gateway on a port; all else is quick, so that tests are. */
export function planOf(port: number, gateway: Partial<Plan['gateway']> = {}): Plan {
  return {
    format: 1,
    application: 'test',
    topology: 'gateway',
    services: [],
    database: undefined,
    calls: { carrier: 'frames', transport: 'unix', mtls: false, connections: 1 },
    gateway: {
      engine: 'haproxy',
      retries: true,
      checkEveryMs: 200,
      connectionsMax: 512,
      ...gateway,
    },
    listen: { host: '127.0.0.1', port },
    drain: { noticeMs: 200, deadlineMs: 8_000 },
    timeouts: { clientMs: 12_000, gatewayMs: 10_000, operationMs: 8_000 },
    availability: false,
    origins: {},
  }
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

export interface TestGateway extends AsyncDisposable {
  readonly gateway: Gateway
  readonly folder: string
  readonly port: number
  readonly url: string
  readonly events: GatewayEvent[]
  readonly lines: string[]
}

export interface TestOptions extends Partial<GatewayOptions> {
  readonly retries?: boolean
  readonly port?: number
  /** By instance. */
  readonly weights?: Readonly<Record<string, number>>
}

/** A gateway in a folder of its own, not yet started. */
export async function gatewayOf(options: TestOptions = {}): Promise<TestGateway> {
  const { retries = true, weights: _, ...rest } = options
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'banyan-gateway-')))
  const port = options.port ?? (await freePort())
  const events: GatewayEvent[] = []
  const lines: string[] = []
  const gateway = createGateway({
    plan: planOf(port, { retries }),
    application: testApplication,
    folder,
    clock,
    orphanGraceMs: 5_000,
    report: (event) => void events.push(event),
    log: (line) => void lines.push(line),
    ...rest,
  })
  return {
    gateway,
    folder,
    port,
    url: `http://127.0.0.1:${port}`,
    events,
    lines,
    async [Symbol.asyncDispose]() {
      await gateway.stop(0)
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** A gateway that serves, and instances that are in it. */
export async function serving(
  ids: readonly string[],
  options: TestOptions = {},
): Promise<TestGateway & { readonly instances: TestInstance[] }> {
  const made = await gatewayOf(options)
  const [instances] = await Promise.all([
    Promise.all(ids.map((id) => startInstance(id))),
    made.gateway.start(),
  ])
  const { weights = {} } = options
  await made.gateway.apply({
    instances: instances.map((instance) => instance.as('ready', weights[instance.id])),
  })
  return {
    ...made,
    instances,
    async [Symbol.asyncDispose]() {
      await made[Symbol.asyncDispose]()
      for (const instance of instances) instance.kill()
    },
  }
}

/** What an instance saw of a request. */
export interface SeenRequest {
  readonly instance: string
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: number
}

export interface TestInstance extends Disposable {
  readonly id: string
  readonly port: number
  readonly process: ChildProcess
  /** In the order in which they arrived, complete; written before they are answered. */
  readonly seen: SeenRequest[]
  /** Requests whose client left before the answer. */
  readonly gone: string[]
  /** As a member of a gateway's state. */
  as(state: 'ready' | 'drain', weight?: number): GatewayInstance
  kill(): void
}

/** An instance as its process: everything is answered with 200 and the instance's name.
 *  `?ms=` waits before it answers · `?die=<id or all>` closes the connection without an
 *  answer · `?quiet` is
 *  not told to the test · SIGUSR2 makes it unready, as draining does. */
const script = `
const { createServer } = require('node:http')
const { writeSync } = require('node:fs')
const [, id, port] = process.argv
const say = (value) => writeSync(1, JSON.stringify(value) + '\\n')
let isReady = true
process.on('SIGUSR2', () => { isReady = false })
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  const url = new URL(request.url, 'http://x')
  if (url.pathname === '/readyz') {
    response.statusCode = isReady ? 200 : 503
    response.end()
    return
  }
  let bytes = 0
  request.on('data', (part) => { bytes += part.length })
  request.on('end', () => {
    const { method, headers } = request
    if (!url.searchParams.has('quiet')) say({ instance: id, method, url: request.url, headers, bytes })
    response.on('close', () => { if (!response.writableFinished) say({ gone: request.url }) })
    if ([id, 'all'].includes(url.searchParams.get('die'))) return void request.socket.destroy()
    if (!isReady) response.setHeader('Connection', 'close')
    setTimeout(() => response.end(id), Number(url.searchParams.get('ms') ?? 0))
  })
})
server.listen(Number(port), '127.0.0.1', () => say({ port: server.address().port }))
`

/** @param port  Where it listens; any free one unless given. */
export async function startInstance(id: string, port = 0): Promise<TestInstance> {
  const child = spawn(process.execPath, ['--eval', script, id, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const seen: SeenRequest[] = []
  const gone: string[] = []
  const lines = createInterface({ input: child.stdout })
  const { promise, resolve } = Promise.withResolvers<number>()
  lines.on('line', (line) => {
    const value = JSON.parse(line) as { port?: number; gone?: string } & SeenRequest
    if (value.port !== undefined) resolve(value.port)
    else if (value.gone !== undefined) gone.push(value.gone)
    else seen.push(value)
  })
  const actual = await promise
  return {
    id,
    port: actual,
    process: child,
    seen,
    gone,
    as: (state, weight) => ({
      id,
      address: { host: '127.0.0.1', port: actual },
      state,
      ...(weight === undefined ? {} : { weight }),
    }),
    kill: () => void child.kill('SIGKILL'),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}
