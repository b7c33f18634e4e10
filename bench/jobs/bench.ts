/** Jobs: added, drained, and how soon they begin, beside graphile-worker on the same PostgreSQL and BullMQ
 *  on Redis. Contender and engine have one core each. See bench/README.md. */
import { fileURLToPath } from 'node:url'
import type { Bench, Measured, RunOptions } from '../measure/bench.ts'
import { pauseMs, serverCore, startNode } from '../measure/child.ts'
import { busyness, ForeignCpu } from '../measure/machine.ts'
import { installPeers, peerVersions } from '../measure/peers.ts'
import {
  type Absence,
  type Cell,
  foreignCoresMax,
  judge,
  medianOf,
  type Metric,
  ratio,
  type Round,
  Samples,
  type Verdict,
} from '../measure/result.ts'
import type { ClientPlan, Figures } from './client.ts'
import { PostgresEngine, RedisEngine } from './engines.ts'

interface Subject {
  readonly name: string
  readonly file: string
  readonly env: Readonly<Record<string, string>>
  readonly redis?: 'everysec' | 'always'
  readonly jobs: number
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const banyan = (mode: string, jobs: number): Omit<Subject, 'name'> => {
  return { file: here('./banyan.ts'), env: { BENCH_MODE: mode }, jobs }
}
const peer = (file: string): string => here(`../peers/jobs/${file}.js`)
const bullmq = { file: peer('bullmq'), env: {}, jobs: 50_000 }

const subjects: readonly Subject[] = [
  { name: 'banyan', ...banyan('one', 100_000) },
  { name: 'banyan-batch', ...banyan('batch', 100_000) },
  { name: 'banyan-transaction', ...banyan('transaction', 20_000) },
  { name: 'graphile-worker', file: peer('graphile-worker'), env: {}, jobs: 100_000 },
  { name: 'bullmq-everysec', ...bullmq, redis: 'everysec' },
  { name: 'bullmq-always', ...bullmq, redis: 'always' },
]

const columns: readonly (Metric & { readonly of: keyof Figures })[] = [
  { name: '64 callers', unit: 'enqueues/s', better: 'higher', of: 'enqueuesPerSecond' },
  { name: 'one caller', unit: 'enqueues/s', better: 'higher', of: 'oneByOnePerSecond' },
  { name: 'in bulk', unit: 'enqueues/s', better: 'higher', of: 'batchPerSecond' },
  { name: 'drained', unit: 'jobs/s', better: 'higher', of: 'drainedPerSecond' },
  { name: 'start p50', unit: 'ms', better: 'lower', of: 'startP50Ms' },
  { name: 'start p99', unit: 'ms', better: 'lower', of: 'startP99Ms' },
]
const clientMsMax = 300_000
const peersFolder = here('../peers')

export const jobsBench: Bench = {
  name: 'jobs',
  title: 'jobs: added, drained, begun',
  report: { subject: 'banyan', references: ['banyan-batch', 'banyan-transaction'] },
  run: runJobs,
}

async function runJobs(options: RunOptions): Promise<Measured> {
  installPeers(peersFolder, options.say)
  await using postgres = await PostgresEngine.start()
  const samples = new Samples()
  const roundFacts: Round[] = []
  const refused: Absence[] = []
  const missing: Absence[] = []
  const wanted = subjects.filter(({ name }) => {
    return options.only.length === 0 || options.only.includes(name)
  })
  for (let round = 1; round <= options.rounds; round++) {
    for (const subject of [...wanted.slice(round - 1), ...wanted.slice(0, round - 1)]) {
      if ([...refused, ...missing].some((gone) => gone.subject === subject.name)) continue
      options.say(`round ${round} of ${options.rounds}: ${subject.name}`)
      const before = busyness()
      const foreignCores = await foreignNow()
      const flagged = (foreignCores ?? 0) > foreignCoresMax
      try {
        const figures = await measure(subject, postgres, options.seconds)
        if (figures === undefined) {
          missing.push({ subject: subject.name, reason: 'there is no redis-server here' })
          continue
        }
        for (const { name, of } of columns) samples.add(subject.name, name, figures[of], flagged)
      } catch (error) {
        refused.push({ subject: subject.name, reason: String(error).slice(0, 500) })
        options.say(`REFUSED ${subject.name}: ${String(error).slice(0, 500)}`)
      }
      const facts = { subject: subject.name, round, before, flagged }
      roundFacts.push(foreignCores === undefined ? facts : { ...facts, foreignCores })
    }
  }
  const cells = samples.cells()
  return {
    versions: peerVersions(peersFolder),
    metrics: columns.map(({ name, unit, better }) => ({ name, unit, better })),
    ...{ cells, verdicts: judgeJobs(cells), missing, refused, roundFacts },
    notes: [
      'PostgreSQL syncs every commit; so does Redis in bullmq-always, and once a second in bullmq-everysec',
      'banyan-transaction: each job has a transaction of its own that writes a row, once; the peers have none',
      'a round is flagged by what others used of the machine in the half second before it',
    ],
  }
}

async function measure(
  subject: Subject,
  postgres: PostgresEngine,
  seconds: number,
): Promise<Figures | undefined> {
  await using redis =
    subject.redis === undefined ? undefined : await RedisEngine.start(subject.redis)
  if (subject.redis !== undefined && redis === undefined) return undefined
  const plan: ClientPlan = {
    ...{ file: subject.file, seconds, jobs: subject.jobs, redisPort: redis?.port },
    postgresUrl: await postgres.createDatabase(),
  }
  await using client = startNode(here('./client.ts'), {
    core: serverCore,
    nodeArgs: ['--no-allocation-site-pretenuring'],
    args: [JSON.stringify(plan)],
    env: { NODE_ENV: 'production', ...subject.env },
  })
  return JSON.parse(await client.output(clientMsMax)) as Figures
}

async function foreignNow(): Promise<number | undefined> {
  const foreign = new ForeignCpu([])
  await pauseMs(500)
  return foreign.cores()
}

function judgeJobs(cells: readonly Cell[]): Verdict[] {
  const of = (subject: string, metric: string): number | undefined =>
    medianOf(cells, subject, metric)
  const fastest = Math.max(
    ...['graphile-worker', 'bullmq-everysec', 'bullmq-always'].map(
      (name) => of(name, 'drained') ?? Number.NaN,
    ),
  )
  return [
    judge(
      { name: '64 callers, enqueues/s', wanted: 100_000, comparison: 'at least' },
      of('banyan', '64 callers'),
    ),
    judge(
      { name: 'trivial jobs in batches, jobs/s', wanted: 120_000, comparison: 'at least' },
      of('banyan-batch', 'drained'),
    ),
    judge(
      {
        name: 'trivial jobs in batches, times the faster peer',
        wanted: 2.5,
        comparison: 'at least',
      },
      ratio(of('banyan-batch', 'drained'), Number.isNaN(fastest) ? undefined : fastest),
    ),
    judge(
      { name: 'from enqueue to start, p50, ms', wanted: 1.5, comparison: 'at most' },
      of('banyan', 'start p50'),
    ),
  ]
}
