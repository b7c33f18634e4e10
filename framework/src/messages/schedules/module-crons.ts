import { asBanyanError, type World } from '../../kernel/index.ts'
import type { Cron } from '../../module/index.ts'
import type { Counter, Telemetry } from '../../telemetry/index.ts'
import { Doorbell } from '../doorbell.ts'
import type { MessageWriter } from '../message-writer.ts'
import type { NewMessage } from '../new-message.ts'
import type { PlatformContexts } from '../platform-context.ts'
import { type Decision, decideTicks } from './due-ticks.ts'
import type { ScheduleKey, ScheduleStore } from './schedule-store.ts'

export interface ModuleCronsOptions {
  readonly module: string
  readonly crons: readonly Cron[]
  readonly store: ScheduleStore
  readonly writer: MessageWriter
  readonly contexts: PlatformContexts
  readonly world: World
  readonly telemetry: Telemetry
  /** Asked instead of the database's clock. */
  readonly now: (() => Promise<number>) | undefined
}

/** Longest pause between two looks: the machine's clock only says when to look again. */
const lookEveryMs = 30_000
/** Shortest pause: the two clocks are not quite at one. */
const pauseMsMin = 20
const failurePauseMs = { first: 500, max: 30_000 } as const
const overlapMs = 60_000
const sweepEveryMs = 3_600_000
const retention = { ageMsMax: 400 * 86_400_000, countMax: 1_000 } as const

/** The cron schedules of one module in this process. One loop looks; what is due is decided and fired in
 *  the database, so any number of processes may look. */
export class ModuleCrons {
  readonly #options: ModuleCronsOptions
  readonly #keys: readonly ScheduleKey[]
  readonly #bell: Doorbell
  readonly #fired: ReadonlyMap<string, Counter>
  #isAdopted = false
  #sweptMs: number
  #failures = 0
  #isStopping = false
  #loop: Promise<void> | undefined
  #checking: Promise<unknown> = Promise.resolve()

  constructor(options: ModuleCronsOptions) {
    const { module, crons, world, telemetry } = options
    this.#options = options
    this.#keys = crons.map(keyOf)
    this.#bell = new Doorbell(world.clock)
    // Processes that began together sweep at different times.
    this.#sweptMs = world.clock.monotonicMs() - world.random.fraction() * sweepEveryMs
    this.#fired = new Map(
      crons.map(({ name }) => {
        const labels = { module, cron: name }
        const help = 'Ticks of cron schedules that were fired.'
        return [name, telemetry.metrics.counter('banyan_cron_ticks_total', help, labels)]
      }),
    )
  }

  start(): void {
    this.#loop ??= this.#work()
  }

  /** Looks once, now; after the look that is under way. @returns milliseconds until the next tick
   *  @throws DATA_… */
  check(): Promise<number> {
    const before = this.#checking.catch(() => {})
    const checking = before.then(() => this.#check())
    this.#checking = checking
    return checking
  }

  /** `checkout.crons.nightly` */
  get ids(): readonly string[] {
    return this.#options.crons.map(({ name }) => this.#idOf(name))
  }

  /** Adds the job of a cron as if it were due this minute. @throws DATA_… · MESSAGES_PAYLOAD_… */
  async run(id: string): Promise<void> {
    const { crons, store, writer } = this.#options
    const cron = crons.find(({ name }) => this.#idOf(name) === id)
    if (cron === undefined) return
    const { nowMs } = await this.#look()
    const jobs = this.#jobsOf(cron, [nowMs - (nowMs % 60_000)])
    await store.add(writer.statementsOf([], [...jobs.values()]))
    writer.wake({ events: 0, jobs: jobs.size })
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#bell.ring()
    await this.#loop
    await this.#checking.catch(() => {})
  }

  async #work(): Promise<void> {
    while (!this.#isStopping) await this.#bell.wait(await this.#turn())
  }

  /** One look of the loop. @returns how long it may rest */
  async #turn(): Promise<number> {
    try {
      const nextMs = await this.check()
      if (this.#failures > 0) this.#log('info', 'cron schedules are looked after again')
      this.#failures = 0
      return Math.min(lookEveryMs, Math.max(pauseMsMin, nextMs))
    } catch (error) {
      if (this.#failures === 0) this.#log('warn', 'cron schedules wait for their database', error)
      const boundMs = Math.min(failurePauseMs.max, failurePauseMs.first * 2 ** this.#failures++)
      return boundMs * (0.5 + this.#options.world.random.fraction() / 2)
    }
  }

  async #check(): Promise<number> {
    const { crons, store } = this.#options
    let { nowMs, decidedUntilMs } = await this.#look()
    if (!this.#isAdopted || [...decidedUntilMs.values()].includes(undefined)) {
      await store.adopt(this.#keys, { nowMs, overlapMs })
      this.#isAdopted = true
      ;({ nowMs, decidedUntilMs } = await this.#look())
    }
    for (const cron of crons) {
      if (this.#isStopping) break
      await this.#tryDecide(cron, decidedUntilMs.get(cron.name), nowMs)
    }
    await this.#sweep(nowMs)
    const next = crons.map(({ timing }) => timing.next(nowMs) ?? Number.POSITIVE_INFINITY)
    return Math.min(...next) - nowMs
  }

  async #look(): Promise<Awaited<ReturnType<ScheduleStore['look']>>> {
    const { store, now } = this.#options
    // Before the look: what is decided then is decided of a time that has passed.
    const givenMs = await now?.()
    const look = await store.look(this.#keys)
    return givenMs === undefined ? look : { ...look, nowMs: givenMs }
  }

  /** What is wrong with one schedule does not keep the others from firing. */
  async #tryDecide(cron: Cron, fromMs: number | undefined, untilMs: number): Promise<void> {
    try {
      await this.#decide(cron, fromMs, untilMs)
    } catch (error) {
      if (asBanyanError(error).kind !== 'bug') throw error
      this.#log('error', `cron "${cron.name}" cannot fire; its ticks wait`, error)
    }
  }

  async #decide(cron: Cron, fromMs: number | undefined, untilMs: number): Promise<void> {
    if (fromMs === undefined) return
    const decision = decideTicks(cron, fromMs, untilMs)
    if (decision === undefined) return
    const jobs = this.#jobsOf(cron, decision.fired)
    const { store, writer } = this.#options
    const fired = await store.fire({
      ...{ key: keyOf(cron), fromMs, untilMs, ticks: decision.fired },
      statementsOf: (ticks) => {
        const own = ticks.flatMap((ms) => jobs.get(ms) ?? [])
        return writer.statementsOf([], own)
      },
    })
    this.#fired.get(cron.name)?.add(fired)
    writer.wake({ events: 0, jobs: fired })
    this.#tellPassed(cron, decision, { fromMs, untilMs })
  }

  /** The jobs of ticks. Where one cannot be made nothing is decided, and it is tried again. */
  #jobsOf(cron: Cron, ticks: readonly number[]): ReadonlyMap<number, NewMessage> {
    const { writer, contexts } = this.#options
    const { trace } = contexts.create(0)
    return new Map(
      ticks.map((ms) => {
        const input = cron.input(cron.timing.tickAt(ms))
        return [ms, writer.jobOf(cron.job, input, {}, trace)]
      }),
    )
  }

  #tellPassed(
    { name, missed }: Cron,
    { isPartial }: Decision,
    span: { readonly fromMs: number; readonly untilMs: number },
  ): void {
    if (!isPartial) return
    const { logs } = this.#options.telemetry
    const from = new Date(span.fromMs).toISOString()
    const until = new Date(span.untilMs).toISOString()
    const fields = { module: this.#options.module, cron: name, missed, from, until }
    logs.log('warn', fields, 'ticks that were missed are passed over, as the schedule says')
  }

  async #sweep(nowMs: number): Promise<void> {
    const { store, world } = this.#options
    const elapsedMs = world.clock.monotonicMs()
    if (elapsedMs < this.#sweptMs + sweepEveryMs) return
    this.#sweptMs = elapsedMs
    await store.sweep({ nowMs, ...retention })
  }

  #idOf(name: string): string {
    return `${this.#options.module}.crons.${name}`
  }

  #log(level: 'info' | 'warn' | 'error', message: string, error?: unknown): void {
    const { module, telemetry } = this.#options
    const fields = error === undefined ? { module } : { module, err: error }
    telemetry.logs.log(level, fields, message)
  }
}

function keyOf({ name, expression, timeZone }: Cron): ScheduleKey {
  return { schedule: name, timing: `${expression} ${timeZone}` }
}
