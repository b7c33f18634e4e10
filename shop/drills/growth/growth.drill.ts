/** The drill of growth: customers browse and buy in an open model while the shop is moved between
 *  topologies, restarted instance by instance, and killed. Nothing may fail, be lost or happen
 *  twice; without the gateway's retries the same kills must show. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createTokens } from 'banyan/identity'
import { createSystemClock, createWorld, sleep } from 'banyan/kernel'
import { TestServer } from 'banyan/testing'
import { audit } from '../../audit/index.ts'
import { connectAsOwner, type OwnerConnection } from '../../testing/owner-query.ts'
import { openTestShop } from '../../testing/test-shop.ts'
import { compareBooks } from './books.ts'
import { PlainClient } from './client.ts'
import { Load, type LoadResult } from './load.ts'
import { kills, movesThrough, type Phase, rollingRestart } from './phases.ts'
import { RunningSystem } from './system.ts'

const { values } = parseArgs({
  options: {
    /** Requests a second. */
    rate: { type: 'string', default: '300' },
    /** Seconds of kills. */
    seconds: { type: 'string', default: '60' },
    port: { type: 'string', default: '4300' },
    /** Only phases whose name contains this. */
    only: { type: 'string', default: '' },
    /** Leaves out the negative control. */
    'no-control': { type: 'boolean', default: false },
  },
})
const secret = 'a secret for drills that is known to everybody'
const settleMs = 30_000
/** What the test server allows. */
const always = ['database.connectionsMax=200']
const clock = createSystemClock()
const world = createWorld({ clock })
const print = (line: string): boolean => process.stdout.write(`${line}\n`)

const stack = new AsyncDisposableStack()
const folder = await mkdtemp(path.join(tmpdir(), 'banyan-growth-'))
stack.defer(() => rm(folder, { recursive: true, force: true }))
const server = stack.use(await sharedServer())
const shop = stack.use(await openTestShop())
const skus = Array.from({ length: 20 }, (_, index) => `GROWTH-${index}`)
for (const sku of skus) await shop.stock(sku, 1_000_000)
const owner = stack.use(await connectAsOwner(shop.app.server))
const tokens = createTokens({
  ...{ clock, ids: world.ids, secrets: [secret], issuer: 'shop' },
})
const customers = Array.from({ length: 50 }, (_, index) =>
  tokens.issue({ subject: `customer-${index}`, roles: ['customer'] }, 3_600_000),
)
const environment = {
  ...process.env,
  DATABASE_URL: server.urlOf(shop.app.server.database),
  BANYAN_TOKEN_SECRET: secret,
  BANYAN_LOG_LEVEL: 'warn',
  PAYMENTS_PSP_URL: shop.psp.url,
  CHECKOUT_LEASE_MS: '2000',
  CHECKOUT_RETRY_MS: '200',
}

const results: LoadResult[] = []
const phases: readonly Phase[] = [
  movesThrough(['split', 'peak', 'dev', 'peak']),
  rollingRestart,
  kills(Number(values.seconds) * 1_000, 2_000),
].filter(({ name }) => name.includes(values.only))

let failed = false
try {
  for (const phase of phases) {
    const start = phase.name.startsWith('apply') ? 'dev' : 'peak'
    const result = await runPhase(phase, start, [...always, 'gateway.engine=haproxy'])
    if (result.failures.length > 0) failed = true
  }
  if (!values['no-control']) {
    const flags = [...always, 'gateway.engine=haproxy', 'gateway.retries=false']
    const control = await runPhase(kills(20_000, 2_000), 'peak', flags)
    print(`negative control, no retries at the gateway: ${control.failures.length} failures`)
    if (control.failures.length === 0) {
      print('the kills did not show: this drill proves nothing')
      failed = true
    }
  }
  await untilSettled(owner)
  const { lost, unasked, violations } = await compareBooks(owner, shop.psp, results)
  const told = results.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)
  print(`books: ${told} orders acknowledged, ${lost} lost, ${unasked} that nobody was told of`)
  if (violations !== '') print(violations)
  if (lost > 0 || violations !== '') failed = true
} finally {
  await stack.disposeAsync()
}
process.exitCode = failed ? 1 : 0

async function runPhase(phase: Phase, topology: string, flags: readonly string[]) {
  const startMs = clock.monotonicMs()
  const stateFolder = path.join(folder, `state-${results.length}`)
  const options = { folder: stateFolder, port: Number(values.port), environment, flags }
  await using system = await RunningSystem.start(topology, options)
  using client = new PlainClient(system.url)
  const load = new Load({ client, rate: Number(values.rate), skus, tokens: customers })
  await sleep(clock, 3_000)
  await phase.run(system, (line) => print(`  ${line}`))
  const result = await load.stop()
  results.push(result)
  print(lineOf(phase.name, result, clock.monotonicMs() - startMs))
  for (const failure of result.failures.slice(0, 20)) print(`    ${JSON.stringify(failure)}`)
  return result
}

function lineOf(name: string, result: LoadResult, ms: number): string {
  const { requests, posts, failures, acknowledged, durationsMs } = result
  const sorted = durationsMs.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(0)
  return (
    `${name}: ${requests} requests (${posts} POST) in ${(ms / 1_000).toFixed(0)} s, ` +
    `${failures.length} failed, ${acknowledged.length} orders, ` +
    `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(0.9999)} ms`
  )
}

async function untilSettled({ query }: OwnerConnection): Promise<void> {
  const endMs = clock.monotonicMs() + settleMs
  while (clock.monotonicMs() < endMs) {
    const violations = await audit({ query, isSettled: true })
    if (!violations.some(({ invariant }) => invariant === 'nothing-under-way')) return
    await sleep(clock, 200)
  }
}

async function sharedServer(): Promise<TestServer & AsyncDisposable> {
  const shared = await TestServer.acquire()
  return Object.assign(shared, { [Symbol.asyncDispose]: () => shared.release() })
}
