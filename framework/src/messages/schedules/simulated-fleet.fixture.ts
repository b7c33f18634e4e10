import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createPostgresServer } from '../../engines/postgres/client/index.ts'
import {
  createSeededRandom,
  createSystemClock,
  createWorld,
  Faults,
  type Random,
} from '../../kernel/index.ts'
import { type CronTable, Library, momentIn, send } from './schedules.fixture.ts'
import type { Shelf } from './shelf.fixture.ts'

/** What the simulated processes fire, each tick once. */
export const simulatedTable: CronTable = Object.fromEntries(
  Object.entries({
    often: { expression: '*/10 * * * *', timeZone: 'UTC' },
    hourly: { expression: '0 * * * *', timeZone: 'Europe/Berlin' },
    nightlyBerlin: { expression: '30 2 * * *', timeZone: 'Europe/Berlin' },
    nightlyNewYork: { expression: '30 1 * * *', timeZone: 'America/New_York' },
  }).map(([name, cron]) => [name, { ...cron, missed: 'all', missedMax: 1_000 }]),
)

interface ProcessOptions {
  readonly url: string
  readonly migrations: string
  readonly seed: number
  /** How wrong the process's clock is. */
  readonly skewMs: number
}

/** Where a process may be armed to die by itself. */
const points = ['messages.cron.decided', 'data.commit.before', 'data.commit.after'] as const

/** A whole number from 0, below `end`. */
export function draw(random: Random, end: number): number {
  return Math.floor(random.fraction() * end)
}

/** One process of the fleet: looks all the time until it is killed, by others or at one of its points. */
async function look(options: ProcessOptions): Promise<void> {
  const random = createSeededRandom(options.seed)
  const system = createSystemClock()
  const clock = { ...system, nowMs: () => system.nowMs() + options.skewMs }
  const faults = new Faults()
  const world = createWorld({ clock, faults })
  const server = createPostgresServer({ url: options.url })
  const library = await Library.open(server, new URL(options.migrations), world)
  const connection = await server.connect()
  const now = async (): Promise<number> => {
    return momentIn(await send(connection, 'select at from simulated_time'), 'at').getTime()
  }
  const runner = library.runner(simulatedTable, { now })
  await runner.checkNow()
  faults.arm(points[draw(random, points.length)] ?? points[0], 'kill', 1 + draw(random, 60))
  for (;;) {
    await runner.checkNow().catch(() => {})
    await new Promise((resolve) => void setTimeout(resolve, draw(random, 20)))
  }
}

/** Three processes that look after one table of schedules, and that die and are started again. */
export class SimulatedFleet implements AsyncDisposable {
  readonly #shelf: Shelf
  readonly #random: Random
  readonly #processes: (ChildProcess | undefined)[] = [undefined, undefined, undefined]
  readonly #killed = new Set<ChildProcess>()
  #isOver = false
  /** Processes killed from outside, and those that died at one of their points. */
  readonly deaths: { killed: number; fell: number } = { killed: 0, fell: 0 }

  constructor(shelf: Shelf, seed: number) {
    this.#shelf = shelf
    this.#random = createSeededRandom(seed)
    for (const place of this.#processes.keys()) this.#start(place)
  }

  /** Kills one process that is up, as the machine would. */
  kill(): void {
    const child = this.#processes[draw(this.#random, this.#processes.length)]
    if (child === undefined || this.#killed.has(child) || !child.kill('SIGKILL')) return
    this.#killed.add(child)
    this.deaths.killed++
  }

  #start(place: number): void {
    if (this.#isOver) return
    const options: ProcessOptions = {
      url: this.#shelf.url,
      migrations: this.#shelf.migrations.href,
      seed: draw(this.#random, 1_000_000),
      skewMs: (place - 1) * 7_200_000,
    }
    const file = fileURLToPath(import.meta.url)
    const child = spawn(
      process.execPath,
      [
        '--conditions=source',
        '--disable-warning=ExperimentalWarning',
        file,
        JSON.stringify(options),
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
    this.#processes[place] = child
    child.once('exit', () => {
      if (!this.#killed.has(child)) this.deaths.fell++
      this.#start(place)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    const ends = this.#processes.map(async (child) => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => void child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    })
    await Promise.all(ends)
  }
}

const [, script, text] = process.argv
if (script === fileURLToPath(import.meta.url) && text !== undefined) {
  await look(JSON.parse(text) as ProcessOptions)
}
