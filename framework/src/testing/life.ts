import type { Clock } from '../kernel/index.ts'
import type { Application, BaseContext, Module, UntypedHandler } from '../module/index.ts'
import type { Arrival, Fate, KillMoment } from './kill-plan.ts'

export interface LifeOptions {
  readonly clock: Clock
  /** Asked of each call that arrives: whether the instance is to die of it, and when. */
  readonly fateOf: () => Fate | undefined
  /** Asked at that moment: whether all these calls may be lost now. If not, life goes on. */
  readonly mayEnd: (calls: readonly Arrival[]) => boolean
  /** Kills the instance; called once. */
  readonly end: (operation: string, moment: KillMoment) => void
}

/** The life of one instance. When it is over, no handler begins, and what those under way still come to
 *  reaches nobody. */
export class Life {
  readonly #options: LifeOptions
  readonly #running = new Set<Arrival>()
  #isDoomed = false
  #isOver = false

  constructor(options: LifeOptions) {
    this.#options = options
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Runs a handler as a process does that may be killed at any moment. */
  async run(arrival: Arrival, handle: () => unknown): Promise<unknown> {
    if (this.#isOver) return forever()
    this.#running.add(arrival)
    const fate = this.#isDoomed ? undefined : this.#options.fateOf()
    if (fate === undefined) return this.#handle(arrival, handle)
    this.#isDoomed = true
    const die = (): void => this.#die(arrival.operation, fate)
    if (fate.moment === 'arrival') {
      // what brought the call has written it down by then, so that it notices its end
      await Promise.resolve()
      die()
    }
    if (fate.moment === 'work') this.#options.clock.after(fate.delayMs, die)
    return this.#handle(arrival, handle, die)
  }

  async #handle(arrival: Arrival, handle: () => unknown, ended?: () => void): Promise<unknown> {
    if (this.#isOver) return forever()
    try {
      return await handle()
    } finally {
      ended?.()
      this.#running.delete(arrival)
      if (this.isOver) await forever()
    }
  }

  #die(operation: string, { moment }: Fate): void {
    if (this.#isOver || !this.#isDoomed) return
    this.#isDoomed = false
    if (!this.#options.mayEnd([...this.#running])) return
    this.#isOver = true
    this.#options.end(operation, moment)
  }
}

/** The application as an instance with this life runs it. */
export function mortalApplication(application: Application, life: Life): Application {
  const { modules } = application
  return { ...application, modules: modules.map((module) => mortalModule(module, life)) }
}

function mortalModule(module: Module, life: Life): Module {
  const handlers = Object.entries(module.handlers).map(([name, handler]) => {
    const operation = `${module.contract.name}.${name}`
    const mortal: UntypedHandler = (input, ctx) => {
      const { traceId } = (ctx as BaseContext<unknown>).trace
      return life.run({ operation, traceId }, () => handler(input, ctx))
    }
    return [name, mortal] as const
  })
  return { ...module, handlers: Object.fromEntries(handlers) }
}

function forever(): Promise<never> {
  return new Promise(() => {})
}
