/** A process of a supervisor in tests: it does what its orders say, as little as that can be. How it
 *  misbehaves stands in `behaviour.json` of its working folder, by place: `{"sales-1": "crash"}`. */
import { createServer, type Server } from 'node:http'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createSystemClock, createSystemRandom, sleep } from '../kernel/index.ts'
import { Lifeline } from './lifeline.ts'
import type { ReadyReport, ToChild } from './message.ts'
import { type InstanceTask, takeOrders } from './orders.ts'
import { readPlannedSystem } from './plan-store.ts'
import { writeWhole } from './written-file.ts'

const clock = createSystemClock()
const orders = takeOrders(process.env)
const { task } = orders
const servers: Server[] = []
const lifeline = new Lifeline({
  orders: orders.lifeline,
  clock,
  random: createSystemRandom(),
  inFlight: () => 0,
  onGateway: (order) => void applyGateway(order),
})
const terminated = new Promise<void>((resolve) => void process.once('SIGTERM', () => resolve()))

const behaviour = behaviourOf(orders.lifeline.id.replace(/-g\d+$/, ''))
process.stdout.write(`${JSON.stringify({ level: 30, msg: `hello from ${orders.lifeline.id}` })}\n`)
if (behaviour === 'crash') {
  process.stderr.write('a book fell down\n')
  process.exit(3)
}
if (behaviour === 'fail') {
  await lifeline.failed(new Error('settings are wrong'), true)
  process.exit(78)
}
if (behaviour === 'silent') await new Promise(() => {})
await serve()
const ended = await Promise.race([terminated, lifeline.ended])
if (behaviour === 'stubborn') await new Promise(() => {})
const isHasty = ended?.why === 'stopped' && ended.isHasty
if (task.kind === 'instance' && !isHasty) {
  lifeline.draining()
  await sleep(clock, readPlannedSystem(task.planFile).plan.drain.noticeMs)
}
await Promise.all(servers.map((server) => new Promise((resolve) => void server.close(resolve))))
lifeline.close()
process.exit(0)

async function serve(): Promise<void> {
  switch (task.kind) {
    case 'instance':
      return lifeline.ready(await serveInstance(task))
    case 'postgres':
      return lifeline.ready({ databaseUrl: 'postgres://fixture', label: 'a database' })
    case 'prepare':
    case 'certificates':
      writeWhole(`${task.kind}.json`, JSON.stringify(task))
      process.exit(0)
      break
    case 'companion':
      return lifeline.ready({})
    case 'gateway':
  }
}

async function serveInstance(given: InstanceTask): Promise<ReadyReport> {
  const { id, peers, http } = given
  const peerServer = await listen(id, peers.kind === 'unix' ? peers.path : { port: 0 })
  const address = peerServer.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const endpoint = peers.kind === 'unix' ? peers : { ...peers, port }
  if (http === undefined) return { peers: endpoint }
  const publicServer = await listen(id, { ...http, reusePort: true })
  const bound = publicServer.address()
  const own = typeof bound === 'object' && bound !== null ? bound.port : 0
  return { peers: endpoint, url: `http://${http.host}:${own}` }
}

async function listen(
  id: string,
  where: string | { readonly host?: string; readonly port: number; readonly reusePort?: boolean },
): Promise<Server> {
  const server = createServer((_request, response) => void response.end(id))
  servers.push(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    if (typeof where === 'string') server.listen(where, resolve)
    else server.listen(where, resolve)
  })
  return server
}

async function applyGateway(order: Extract<ToChild, { type: 'gateway' }>): Promise<void> {
  writeWhole('gateway.json', JSON.stringify(order.instances))
  if (behaviour === 'refuse') {
    return lifeline.gatewayApplied(
      order.revision,
      new Error('a line of its configuration is wrong'),
    )
  }
  lifeline.gatewayApplied(order.revision)
  const { listen: at } = readPlannedSystem(order.planFile).plan
  lifeline.ready({ url: `http://${at.host}:${at.port}`, label: 'a gateway' })
}

function behaviourOf(place: string): string | undefined {
  try {
    const all = JSON.parse(readFileSync(path.resolve('behaviour.json'), 'utf8')) as unknown
    return (all as Readonly<Record<string, string>>)[place]
  } catch {
    return undefined
  }
}
