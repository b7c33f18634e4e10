import { type CompiledCalls, type ModuleWork, runModuleWork } from '../call/index.ts'
import { parseDurationMs, type Timer } from '../kernel/index.ts'
import type { CronRunner } from '../messages/index.ts'
import type { Module } from '../module/index.ts'

/** The recurring work of the modules of one instance. */
export interface Schedules {
  /** Starts every schedule by its period, and looks after the cron schedules. Call once. */
  start(): void
  /** Runs the named work (`checkout.schedules.recover`) now, apart from its period, or adds the job of the
   *  named cron schedule (`checkout.crons.nightly`). For tests. */
  run(id: string): Promise<void>
  /** Starts no more runs and waits for those that run. Idempotent. */
  stop(): Promise<void>
}

const timeoutDefault = '30s'

/** The schedules of modules: a period, a run, again and again once started. A run that fails is
 *  logged and does not stop the next; runs of one schedule never overlap in one instance. */
export function createSchedules(
  modules: readonly Module[],
  calls: CompiledCalls,
  crons?: CronRunner,
): Schedules {
  return new RunningSchedules(modules, calls, crons)
}

class RunningSchedules implements Schedules {
  readonly #calls: CompiledCalls
  readonly #crons: CronRunner | undefined
  readonly #work = new Map<string, ModuleWork>()
  readonly #periodsMs = new Map<string, number>()
  readonly #timers = new Map<string, Timer>()
  readonly #running = new Map<string, Promise<void>>()
  #isStopped = false

  constructor(modules: readonly Module[], calls: CompiledCalls, crons: CronRunner | undefined) {
    this.#calls = calls
    this.#crons = crons
    for (const { contract, schedules } of modules) {
      for (const [name, schedule] of Object.entries(schedules)) {
        const id = `${contract.name}.schedules.${name}`
        this.#work.set(id, {
          id,
          module: contract.name,
          timeoutMs: parseDurationMs(schedule.timeout ?? timeoutDefault),
          run: (context) => schedule.run(context),
        })
        this.#periodsMs.set(id, parseDurationMs(schedule.every))
      }
    }
  }

  start(): void {
    for (const [id, everyMs] of this.#periodsMs) this.#arm(id, everyMs)
    this.#crons?.start()
  }

  async run(id: string): Promise<void> {
    const work = this.#work.get(id)
    if (work === undefined && this.#crons?.ids.includes(id) === true) return this.#crons.run(id)
    if (work === undefined) throw new Error(`no schedule ${id}`)
    await this.#running.get(id)?.catch(() => {})
    await runModuleWork(this.#calls, work)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const timer of this.#timers.values()) timer.stop()
    await Promise.allSettled([...this.#running.values(), this.#crons?.stop()])
  }

  #arm(id: string, everyMs: number): void {
    const due = (): void => {
      const work = this.#work.get(id)
      if (work === undefined || this.#isStopped) return
      const running = runModuleWork(this.#calls, work).catch(() => {})
      this.#running.set(
        id,
        running.then(() => {
          this.#running.delete(id)
          if (!this.#isStopped) this.#arm(id, everyMs)
        }),
      )
    }
    this.#timers.set(id, this.#calls.world.clock.after(everyMs, due, { background: true }))
  }
}
