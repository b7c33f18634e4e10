import { Context, type Deadlines, system, type World } from '../kernel/index.ts'

/** Contexts of the platform's own statements: no caller, a deadline each. */
export class PlatformContexts {
  readonly #world: World
  readonly #deadlines: Deadlines

  constructor(world: World, deadlines: Deadlines) {
    this.#world = world
    this.#deadlines = deadlines
  }

  create(timeoutMs: number): Context {
    const { clock, random } = this.#world
    return new Context({
      world: this.#world,
      deadlines: this.#deadlines,
      deadlineMs: clock.monotonicMs() + timeoutMs,
      principal: system,
      trace: {
        traceId: random.bytes(16).toString('hex'),
        spanId: random.bytes(8).toString('hex'),
        isSampled: false,
      },
      idempotencyKey: undefined,
      criticality: 'background',
      token: undefined,
    })
  }
}
