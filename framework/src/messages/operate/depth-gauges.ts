import type { Database } from '../../data/index.ts'
import { Deadlines, type Timer, type World } from '../../kernel/index.ts'
import type { Module } from '../../module/index.ts'
import type { Telemetry } from '../../telemetry/index.ts'
import { PlatformContexts } from '../platform-context.ts'
import { queuesOf } from '../queue.ts'
import { type ModuleDepth, readDepth } from './depth.ts'
import { openStates } from './message-state.ts'
import { oldestOf } from './overview.ts'

export interface DepthGaugesOptions {
  /** The modules whose messages are looked at; those without tables have none. */
  readonly modules: readonly Module[]
  readonly database: Database
  readonly world: World
  readonly telemetry: Telemetry
  /** Pause between two looks, ≥ 5,000; 5,000 unless given. */
  readonly everyMs?: number
}

const everyMsMin = 5_000
const timeoutMs = 5_000
const countMax = 10_000

/** Makes metrics of how much lies in queues and for how long; see `DepthGauges`. */
export function createDepthGauges(options: DepthGaugesOptions): DepthGauges {
  return new DepthGauges(options)
}

/** Depth and age of queues as metrics, for whoever runs messages:
 *  - `banyan_messages{module,queue,state}`: messages of a declared queue, exact up to 10,000 per module
 *    and state, a lower bound beyond;
 *  - `banyan_messages_oldest_seconds{module,queue}`: how long the oldest that could run has waited;
 *  - `banyan_outbox_messages{module}`, `banyan_outbox_oldest_seconds{module}`: published and not carried
 *    away yet.
 *  Every instance that runs messages tells the same of a module: take the maximum, not the sum. What is not
 *  known (before the first look, or since the database stopped answering) is NaN, never 0: an autoscaler
 *  must hold then.
 *  Cost: one statement per module every 5 s, at most 60,000 index entries. */
export class DepthGauges {
  readonly #options: DepthGaugesOptions
  readonly #contexts: PlatformContexts
  readonly #depths = new Map<string, ModuleDepth>()
  readonly #modules: readonly Module[]
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #isStopped = false
  #isFailing = false

  constructor(options: DepthGaugesOptions) {
    const { modules, world } = options
    this.#options = options
    this.#contexts = new PlatformContexts(world, new Deadlines(world.clock))
    this.#modules = modules.filter(({ tables }) => tables !== undefined)
    for (const module of this.#modules) this.#measure(module)
  }

  /** Looks now, and again after each pause. Idempotent. */
  start(): void {
    if (this.#isStopped || this.#looking !== undefined || this.#timer !== undefined) return
    void this.refresh()
  }

  /** Resolves when the statement under way has ended, at most after 5 s. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.stop()
    await this.#looking
  }

  /** One look at all modules; joins the one under way. Never rejects. */
  refresh(): Promise<void> {
    this.#timer?.stop()
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
      this.#arm()
    })
    return this.#looking
  }

  #arm(): void {
    if (this.#isStopped) return
    const { world, everyMs = everyMsMin } = this.#options
    const pauseMs = Math.max(everyMsMin, everyMs)
    this.#timer = world.clock.after(pauseMs, () => void this.refresh(), { background: true })
  }

  async #look(): Promise<void> {
    let failed: unknown
    for (const { contract } of this.#modules) {
      if (this.#isStopped) return
      try {
        this.#depths.set(contract.name, await this.#read(contract.name))
      } catch (error) {
        this.#depths.delete(contract.name)
        failed = error
      }
    }
    if (failed !== undefined && !this.#isFailing) {
      const { logs } = this.#options.telemetry
      logs.log('warn', { err: failed }, 'the depth of queues is unknown; more such are not logged')
    }
    this.#isFailing = failed !== undefined
  }

  #read(module: string): Promise<ModuleDepth> {
    return this.#options.database
      .of(module)
      .withRunner(this.#contexts.create(timeoutMs), (runner) => readDepth(runner, countMax))
  }

  #measure(module: Module): void {
    const { metrics } = this.#options.telemetry
    const { name } = module.contract
    const read = (value: (depth: ModuleDepth) => number) => (): number => {
      const depth = this.#depths.get(name)
      return depth === undefined ? Number.NaN : value(depth)
    }
    for (const queue of queuesOf(module)) this.#measureQueue(name, queue.name)
    metrics.gauge(
      'banyan_outbox_messages',
      'Published and not carried away yet, at most 10,000.',
      { module: name },
      read(({ outbox }) => outbox.count),
    )
    metrics.gauge(
      'banyan_outbox_oldest_seconds',
      'Age of the oldest that was not carried away yet.',
      { module: name },
      read(({ outbox }) => outbox.oldestMs / 1_000),
    )
  }

  #measureQueue(module: string, queue: string): void {
    const { metrics } = this.#options.telemetry
    const own = (): ModuleDepth['depths'] | undefined =>
      this.#depths.get(module)?.depths.filter((depth) => depth.queue === queue)
    for (const state of openStates) {
      metrics.gauge(
        'banyan_messages',
        'Messages by state, at most 10,000 per module and state.',
        { module, queue, state },
        () => {
          const depths = own()
          if (depths === undefined) return Number.NaN
          return depths.find((depth) => depth.state === state)?.count ?? 0
        },
      )
    }
    metrics.gauge(
      'banyan_messages_oldest_seconds',
      'For how long the oldest that could run has waited.',
      { module, queue },
      () => {
        const depths = own()
        return depths === undefined ? Number.NaN : (oldestOf(depths) ?? 0) / 1_000
      },
    )
  }
}
