/** The drill of what can wait: customers buy while the mail server, the workers and the broker are up,
 *  slow or dead. Checkout must not feel it, and afterwards each paid order has its one mail with its one
 *  invoice. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createTokens } from 'banyan/identity'
import { createSystemClock, createWorld, sleep } from 'banyan/kernel'
import { TestServer } from 'banyan/testing'
import { connectAsOwner } from '../../testing/owner-query.ts'
import { openTestShop } from '../../testing/test-shop.ts'
import { PlainClient } from '../growth/client.ts'
import { Load } from '../growth/load.ts'
import { RunningSystem } from '../growth/system.ts'
import { Broker } from './broker.ts'
import { MailSink } from './mail-sink.ts'

const { values } = parseArgs({
  options: {
    /** Requests a second; every ninth is a checkout. */
    rate: { type: 'string', default: '120' },
    /** Seconds of each phase. */
    seconds: { type: 'string', default: '15' },
    /** How often the phases are gone through. */
    rounds: { type: 'string', default: '3' },
    port: { type: 'string', default: '4400' },
  },
})
const secret = 'a secret for drills that is known to everybody'
const drainMs = 240_000
/** A p99 may be this much higher than with all up. */
const ratioMax = 1.1
const clock = createSystemClock()
const world = createWorld({ clock })
const print = (line: string): boolean => process.stdout.write(`${line}\n`)

await using stack = new AsyncDisposableStack()
const folder = await mkdtemp(path.join(tmpdir(), 'banyan-messages-'))
stack.defer(() => rm(folder, { recursive: true, force: true }))
const server = await TestServer.acquire()
stack.defer(() => server.release())
const shop = stack.use(await openTestShop())
const skus = Array.from({ length: 20 }, (_, index) => `MAIL-${index}`)
for (const sku of skus) await shop.stock(sku, 1_000_000)
const owner = stack.use(await connectAsOwner(shop.app.server))
const sink = stack.use(await MailSink.start())
const broker = stack.use(await Broker.start(Number(values.port) + 50))
const tokens = createTokens({ clock, ids: world.ids, secrets: [secret], issuer: 'shop' })
const customers = Array.from({ length: 50 }, (_, index) =>
  tokens.issue({ subject: `customer-${index}`, roles: ['customer'] }, 3_600_000),
)
const system = stack.use(
  await RunningSystem.start('split', {
    folder: path.join(folder, 'state'),
    port: Number(values.port),
    flags: ['database.connectionsMax=200'],
    environment: {
      ...process.env,
      DATABASE_URL: server.urlOf(shop.app.server.database),
      BANYAN_TOKEN_SECRET: secret,
      BANYAN_LOG_LEVEL: 'error',
      BANYAN_MESSAGES_URL: broker.url,
      BANYAN_MAIL_URL: `smtp://127.0.0.1:${sink.port}`,
      PAYMENTS_PSP_URL: shop.psp.url,
    },
  }),
)

/** What is disturbed while customers buy. */
interface Phase {
  readonly name: string
  begin(): Promise<void>
  end(): Promise<void>
}

let killing: Promise<void> | undefined
let isKilling = false
const nothing = async (): Promise<void> => {}
const phases: readonly Phase[] = [
  { name: 'all up', begin: nothing, end: nothing },
  {
    name: 'mail server 5 s slow',
    begin: async () => void (sink.delayMs = 5_000),
    end: async () => void (sink.delayMs = 0),
  },
  { name: 'mail server dead', begin: () => sink.goAway(), end: () => sink.comeBack() },
  {
    name: 'worker killed each second',
    async begin() {
      isKilling = true
      killing = killWorkers()
    },
    async end() {
      isKilling = false
      await killing
    },
  },
  { name: 'broker dead', begin: () => broker.kill(), end: () => broker.restart() },
]

const checkouts = new Map<string, number[][]>()
const acknowledged = new Set<string>()
let failures = 0
await buy(8) // warm
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const phase of phases) {
    await phase.begin()
    const result = await buy(Number(values.seconds))
    const waiting = acknowledged.size - (await mailsSent())
    await phase.end()
    checkouts.set(phase.name, [...(checkouts.get(phase.name) ?? []), [...result.checkoutsMs]])
    failures += result.failures.length
    print(
      `${round} ${phase.name.padEnd(26)} ${result.checkoutsMs.length} checkouts, p99 ${at(result.checkoutsMs, 0.99)} ms, ` +
        `${result.failures.length} of ${result.requests} requests failed, ${waiting} mails wait`,
    )
    for (const failure of result.failures.slice(0, 5)) print(`    ${JSON.stringify(failure)}`)
  }
}
const drained = await untilDrained()
const allUp = medianP99('all up')
let isSlower = false
for (const { name } of phases) {
  const ratio = medianP99(name) / allUp
  if (ratio > ratioMax) isSlower = true
  print(`${name.padEnd(28)} p99 ${medianP99(name).toFixed(0)} ms, ${ratio.toFixed(2)} × all up`)
}
const violations = await effectsWrong()
const repeated = [...sink.taken.values()].filter((count) => count > 1).length
print(
  `${acknowledged.size} orders, ${sink.taken.size} mails, ${repeated} of them seen twice by the mail server`,
)
print(`drained: ${drained}; wrong effects: ${violations}; failed requests: ${failures}`)
if (isSlower) print(`checkout felt it: more than ${ratioMax} × the p99 with all up`)
process.exitCode = !drained || violations > 0 || failures > 0 || isSlower ? 1 : 0

async function buy(seconds: number): Promise<Awaited<ReturnType<Load['stop']>>> {
  using client = new PlainClient(system.url)
  const load = new Load({
    client,
    rate: Number(values.rate),
    skus,
    tokens: customers,
    hasEmail: true,
  })
  await sleep(clock, seconds * 1_000)
  const result = await load.stop()
  for (const id of result.acknowledged) acknowledged.add(id)
  return result
}

async function killWorkers(): Promise<void> {
  while (isKilling) {
    await sleep(clock, 1_000)
    const all = await system.recordedInstances()
    const worker = all.find(({ service }) => service === 'work')
    if (worker === undefined) continue
    try {
      process.kill(worker.pid, 'SIGKILL')
    } catch {
      // it has just ended
    }
  }
}

async function mailsSent(): Promise<number> {
  const [row] = await owner.query(
    "select count(*)::int as sent from notifications.mail where state = 'sent'",
  )
  return Number((row as { sent?: unknown } | undefined)?.sent ?? 0)
}

async function paidOrders(): Promise<number> {
  const [row] = await owner.query(
    "select count(*)::int as paid from orders.orders where state = 'paid'",
  )
  return Number((row as { paid?: unknown } | undefined)?.paid ?? 0)
}

async function untilDrained(): Promise<boolean> {
  const endMs = clock.monotonicMs() + drainMs
  while (clock.monotonicMs() < endMs) {
    if ((await paidOrders()) <= (await mailsSent())) return true
    await sleep(clock, 500)
  }
  return false
}

/** Paid orders without exactly one mail effect and invoice, and mails that the server never saw. */
async function effectsWrong(): Promise<number> {
  const rows = await owner.query(`
    select o.id, count(m.order_id)::int as mails, count(m.invoice_digest)::int as invoices,
      min(m.message_id) as message_id
    from orders.orders o left join notifications.mail m on m.order_id = o.id
    where o.state = 'paid' group by o.id`)
  return rows.filter((row) => {
    const { mails, invoices, message_id: id } = row as Record<string, unknown>
    const isSeen = sink.taken.has(String(id).replace(/^<|>$/g, ''))
    return mails !== 1 || invoices !== 1 || !isSeen
  }).length
}

function at(durationsMs: readonly number[], share: number): string {
  const sorted = durationsMs.toSorted((a, b) => a - b)
  return (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(0)
}

function medianP99(name: string): number {
  const all = (checkouts.get(name) ?? []).map((durations) => Number(at(durations, 0.99)))
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN
}
