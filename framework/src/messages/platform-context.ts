import { type Context, createSystemContext, type Deadlines, type World } from '../kernel/index.ts'

/** Contexts of the platform's own statements. */
export class PlatformContexts {
  readonly #world: World
  readonly #deadlines: Deadlines

  constructor(world: World, deadlines: Deadlines) {
    this.#world = world
    this.#deadlines = deadlines
  }

  create(timeoutMs: number): Context {
    return createSystemContext(this.#world, this.#deadlines, timeoutMs)
  }
}
