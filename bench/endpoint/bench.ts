/** The full endpoint: one validated, authenticated, traced, logged and measured POST, served by
 *  Banyan and by its peers with the same duties. See bench/README.md. */
import { spawnSync } from 'node:child_process'
import type { Bench, Measured, RunOptions } from '../measure/bench.ts'
import { installPeers, peerVersions } from '../measure/peers.ts'
import {
  type Absence,
  type Cell,
  judge,
  type Metric,
  medianOf,
  type Round,
  ratio,
  Samples,
  type Verdict,
} from '../measure/result.ts'
import { holdRate } from './fixed-rate.ts'
import { LoadData } from './load-data.ts'
import { saturate } from './saturation.ts'
import { peersFolder, type Subject, subjects, tryFindAbsence } from './subjects.ts'
import { verifySubject } from './verification.ts'

const metrics: readonly Metric[] = [
  { name: 'throughput', unit: 'req/s', better: 'higher' },
  { name: 'p50', unit: 'ms', better: 'lower' },
  { name: 'p99', unit: 'ms', better: 'lower' },
  { name: 'cpu', unit: 'µs/req', better: 'lower' },
  { name: 'memory', unit: 'MB', better: 'lower' },
  { name: 'spans', unit: '% delivered', better: 'higher' },
  { name: 'steady p50', unit: 'ms', better: 'lower' },
  { name: 'steady p99', unit: 'ms', better: 'lower' },
]

/** Fixed-rate rounds are calmer than saturated ones: three say enough. */
const steadyRoundsMax = 3
/** Below this share of delivered spans a server's figures are called flattered. */
const deliveredPercentMin = 99

export const endpointBench: Bench = {
  name: 'endpoint',
  title: 'the full endpoint: validation, token, trace, log, metrics',
  report: {
    subject: 'banyan',
    references: subjects.filter(({ duties }) => duties === 'none').map(({ name }) => name),
  },
  run: runEndpoint,
}

async function runEndpoint(options: RunOptions): Promise<Measured> {
  requireWrk()
  installPeers(peersFolder, options.say)
  using data = new LoadData()
  const run = new EndpointRun(options, data)
  await run.verifyAll()
  await run.saturateAll()
  await run.holdRateAll()
  return run.measured()
}

/** The state of one run: which servers are still in it, and what was seen so far. */
class EndpointRun {
  readonly #options: RunOptions
  readonly #data: LoadData
  readonly #samples = new Samples()
  readonly #rounds: Round[] = []
  readonly #missing: Absence[] = []
  readonly #refused: Absence[] = []
  readonly #notes: string[] = []
  #running: Subject[] = []

  constructor(options: RunOptions, data: LoadData) {
    this.#options = options
    this.#data = data
  }

  /** Keeps the servers that exist and do every duty. */
  async verifyAll(): Promise<void> {
    const { only, say } = this.#options
    for (const subject of subjects) {
      if (only.length > 0 && !only.includes(subject.name)) continue
      const absence = tryFindAbsence(subject)
      if (absence !== undefined) {
        this.#missing.push({ subject: subject.name, reason: absence })
        continue
      }
      say(`verifying the duties of ${subject.name} …`)
      this.#running.push(subject)
      if (subject.duties === 'all') {
        await this.#attempt(subject, async () => {
          const violations = await verifySubject(subject, this.#data)
          if (violations.length > 0) throw new Error(violations.join('; '))
        })
      }
    }
  }

  async saturateAll(): Promise<void> {
    for (let round = 1; round <= this.#options.rounds; round += 1) {
      for (const subject of this.#inTurn(round)) {
        this.#options.say(`round ${round} of ${this.#options.rounds}: ${subject.name}`)
        await this.#attempt(subject, async () => {
          this.#rounds.push(await saturate(subject, this.#roundOptions(round)))
        })
      }
    }
  }

  /** Half of what the slowest server with all duties can do, for every server. */
  async holdRateAll(): Promise<void> {
    const capacities = this.#samples
      .cells()
      .filter((cell) => cell.metric === 'throughput' && this.#hasDuties(cell.subject))
    if (capacities.length === 0) return
    const slowest = Math.min(...capacities.map((cell) => cell.median))
    const ratePerSecond = Math.max(100, Math.floor(slowest / 2 / 100) * 100)
    this.#notes.push(`steady: an open loop of ${ratePerSecond} requests/s`)
    for (let round = 1; round <= Math.min(steadyRoundsMax, this.#options.rounds); round += 1) {
      for (const subject of this.#inTurn(round)) {
        this.#options.say(`${ratePerSecond} requests/s, round ${round}: ${subject.name}`)
        await this.#attempt(subject, async () => {
          const options = { ...this.#roundOptions(round), ratePerSecond }
          this.#rounds.push(await holdRate(subject, options))
        })
      }
    }
  }

  measured(): Measured {
    const cells = this.#samples.cells()
    for (const cell of cells) {
      if (cell.metric === 'spans' && cell.median < deliveredPercentMin) {
        this.#notes.push(
          `${cell.subject} delivered only ${cell.median} % of its spans: its figures are flattered`,
        )
      }
    }
    return {
      versions: { ...peerVersions(peersFolder), wrk: requireWrk() },
      metrics,
      cells,
      verdicts: judgeEndpoint(cells),
      missing: this.#missing,
      refused: this.#refused,
      roundFacts: this.#rounds,
      notes: this.#notes,
    }
  }

  #roundOptions(round: number) {
    return { round, seconds: this.#options.seconds, data: this.#data, samples: this.#samples }
  }

  #hasDuties(name: string): boolean {
    return this.#running.some((subject) => subject.name === name && subject.duties === 'all')
  }

  /** Each round begins with another server, so that none always runs on the warmest machine. */
  #inTurn(round: number): Subject[] {
    const start = (round - 1) % Math.max(1, this.#running.length)
    return [...this.#running.slice(start), ...this.#running.slice(0, start)]
  }

  /** A server that fails is refused and leaves the run; the others go on. */
  async #attempt(subject: Subject, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#options.say(`REFUSED ${subject.name}: ${reason}`)
      this.#refused.push({ subject: subject.name, reason })
      this.#running = this.#running.filter((other) => other !== subject)
    }
  }
}

/** The targets of the endpoint, judged on the medians. */
export function judgeEndpoint(cells: readonly Cell[]): Verdict[] {
  const of = (subject: string, metric: string): number | undefined =>
    medianOf(cells, subject, metric)
  const times = (metric: string, peer: string): number | undefined =>
    ratio(of('banyan', metric), of(peer, metric))
  return [
    judge(atLeast('requests/s, times Fastify', 2.5), times('throughput', 'fastify')),
    judge(atLeast('requests/s, times NestJS', 7), times('throughput', 'nestjs')),
    judge(atMost('p99 at saturation, times Fastify', 0.5), times('p99', 'fastify')),
    judge(atLeast('spans delivered at saturation, %', deliveredPercentMin), of('banyan', 'spans')),
    judge(atLeast('goal: requests/s, times Fastify', 3.4), times('throughput', 'fastify')),
    judge(atLeast('goal: requests/s, times NestJS', 11), times('throughput', 'nestjs')),
  ]
}

function atLeast(name: string, wanted: number) {
  return { name, wanted, comparison: 'at least' } as const
}

function atMost(name: string, wanted: number) {
  return { name, wanted, comparison: 'at most' } as const
}

/** The version of wrk. @throws Error when it is not installed. */
function requireWrk(): string {
  // wrk -v exits with 1 and prints its version.
  const found = spawnSync('wrk', ['-v'], { encoding: 'utf8', timeout: 5_000 })
  if (found.error !== undefined) {
    throw new Error('wrk, the load generator, is not installed. Fix: npm run engines')
  }
  return /^wrk (\S+)/.exec(`${found.stdout}${found.stderr}`)?.[1] ?? 'unknown'
}
