import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { z } from 'zod'
import { command, contract, failure, query } from '../contract/index.ts'
import { type Application, application, module } from '../module/index.ts'
import { createDirectory, type SettableDirectory } from '../remote/index.ts'
import type { PlannedCalls } from '../topology/index.ts'
import { type Instance, startInstance } from './instance.ts'
import type { PlacedService, Placement } from './placement.ts'
import { instanceOptions } from './runtime.fixture.ts'

const item = z.object({ sku: z.string() })
const stock = contract('stock', {
  failures: {
    soldOut: failure('conflict', item.extend({ since: z.date() }), ({ sku }) => `${sku} is gone`),
  },
  operations: {
    left: query({
      input: item,
      output: z.object({ count: z.bigint(), seenAt: z.date() }),
      http: 'GET /stock/{sku}',
      access: 'public',
      failures: ['soldOut'],
    }),
    take: command({ input: item, output: item, http: 'POST /takings', access: 'public' }),
    slow: query({ input: item, output: item, http: 'GET /slow/{sku}', access: 'public' }),
  },
})
const desk = contract('desk', {
  operations: {
    ask: query({
      input: item,
      output: z.object({ count: z.bigint() }),
      http: 'GET /desk/{sku}',
      access: 'public',
      failures: [],
    }),
  },
})

function shopOf(slow: () => Promise<void> = async () => {}): Application {
  const stockModule = module(stock, {
    handlers: {
      left({ sku }) {
        if (sku === 'none') throw stock.failures.soldOut({ sku, since: new Date(5) })
        return { count: 2n ** 60n, seenAt: new Date(7) }
      },
      take: (input) => input,
      async slow(input) {
        await slow()
        return input
      },
    },
  })
  const deskModule = module(desk, {
    uses: [stock],
    handlers: { ask: async (input, ctx) => ({ count: (await ctx.call.stock.left(input)).count }) },
  })
  return application('test', { modules: [stockModule, deskModule] })
}

const services: readonly PlacedService[] = [
  { name: 'edge', modules: [], runs: ['http'] },
  { name: 'desks', modules: ['desk'], runs: ['schedules'] },
  { name: 'stocks', modules: ['stock'], runs: ['schedules'] },
]
const frames: PlannedCalls = { carrier: 'frames', transport: 'unix', mtls: false, connections: 1 }

/** Instances of one application in this process, reaching each other over unix sockets. */
class Placed {
  readonly #context: TestContext
  readonly #folder: string
  readonly #calls: PlannedCalls
  readonly directory: SettableDirectory = createDirectory()
  #count = 0

  constructor(context: TestContext, folder: string, calls: PlannedCalls) {
    this.#context = context
    this.#folder = folder
    this.#calls = calls
  }

  static async open(context: TestContext, calls: PlannedCalls = frames): Promise<Placed> {
    const folder = await mkdtemp(path.join(tmpdir(), 'banyan-placed-'))
    context.after(() => rm(folder, { recursive: true, force: true }))
    return new Placed(context, folder, calls)
  }

  /** Starts an instance and publishes it. */
  async start(service: string, declared: Application = shopOf()): Promise<Instance> {
    const id = `${service}-${++this.#count}`
    const placement: Placement = {
      ...{ services, service, id, calls: this.#calls, directory: this.directory },
      endpoint: { kind: 'unix', path: path.join(this.#folder, id) },
    }
    const isEdge = service === 'edge'
    const instance = await startInstance({
      ...instanceOptions(declared),
      placement,
      drain: { noticeMs: 50, deadlineMs: 5_000 },
      ...(isEdge ? { listen: { host: '127.0.0.1', port: 0 } } : {}),
    })
    this.#context.after(() => instance.stop())
    const { endpoint } = instance.peers ?? assert.fail('no listener for peers')
    const modules = services.find(({ name }) => name === service)?.modules ?? []
    this.directory.set([...this.directory.instances, { id, service, modules, endpoint }])
    return instance
  }

  /** Takes an instance out of the directory. */
  remove(instance: Instance): void {
    const { endpoint } = instance.peers ?? assert.fail('no listener for peers')
    const left = this.directory.instances.filter((known) => known.endpoint !== endpoint)
    this.directory.set(left)
  }
}

async function get(edge: Instance, route: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${edge.http?.url}${route}`)
  return { status: response.status, body: await response.json() }
}

for (const carrier of ['frames', 'post'] as const) {
  test(`the public HTTP of every module is served by an instance that hosts none (${carrier})`, async (t) => {
    const placed = await Placed.open(t, { ...frames, carrier })
    await placed.start('stocks')
    await placed.start('desks')
    const edge = await placed.start('edge')
    assert.deepEqual(await get(edge, '/stock/A'), {
      status: 200,
      body: { count: '1152921504606846976', seenAt: '1970-01-01T00:00:00.007Z' },
    })
    assert.deepEqual(await get(edge, '/desk/A'), {
      status: 200,
      body: { count: '1152921504606846976' },
    })
    const refused = await get(edge, '/stock/none')
    assert.equal(refused.status, 409)
    const { code, details } = refused.body as Record<string, unknown>
    assert.equal(code, 'STOCK_SOLD_OUT')
    assert.deepEqual(details, { sku: 'none', since: '1970-01-01T00:00:00.005Z' })
  })
}

test('an instance hosts the modules of its service and no others', async (t) => {
  const placed = await Placed.open(t)
  const stocks = await placed.start('stocks')
  assert.deepEqual([...stocks.calls.bindings.keys()], ['stock'])
  assert.equal(stocks.http, undefined)
})

test('an instance that leaves finishes what it was asked, and later calls go to another', async (t) => {
  const placed = await Placed.open(t)
  const started = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const slow = (): Promise<void> => {
    started.resolve()
    return finish.promise
  }
  const old = await placed.start('stocks', shopOf(slow))
  const edge = await placed.start('edge')
  const underWay = get(edge, '/slow/A')
  await started.promise
  await placed.start('stocks')
  placed.remove(old)
  const stopped = old.stop()
  assert.equal((await get(edge, '/slow/B')).status, 200)
  finish.resolve()
  assert.deepEqual(await underWay, { status: 200, body: { sku: 'A' } })
  await stopped
})

test('health is answered to peers, also by an instance without public HTTP', async (t) => {
  const placed = await Placed.open(t, { ...frames, transport: 'tcp' })
  const stocks = await placed.start('stocks')
  const { endpoint } = stocks.peers ?? assert.fail('no listener for peers')
  assert.ok(endpoint.kind === 'unix')
  const status = await new Promise((resolve, reject) => {
    const asked = request({ socketPath: endpoint.path, path: '/readyz' }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.once('error', reject).end()
  })
  assert.equal(status, 200)
})

test('mutual TLS without certificates is refused before anything is opened', async (t) => {
  const placed = await Placed.open(t, { ...frames, transport: 'tcp', mtls: true })
  await assert.rejects(placed.start('stocks'), { code: 'RUNTIME_CERTIFICATES_MISSING' })
})
