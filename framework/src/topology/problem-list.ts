import type { BanyanError } from '../kernel/index.ts'
import { topologyInvalid } from './errors.ts'
import type { Problem } from './problem.ts'

/** What every row of the room's table knows of its place. */
interface Place {
  readonly [field: string]: unknown
  readonly path: string
  readonly nearest?: string
}

const problemsMax = 100

/** Collects everything that is wrong with one topology, so that it can be mended in one go. */
export class ProblemList {
  readonly #problems: Problem[] = []
  readonly #tainted = new Set<string>()

  get all(): readonly Problem[] {
    return this.#problems
  }

  /** A problem of one value; what follows from that value alone is not told again. At most 100 are kept. */
  add(error: BanyanError<Place>): void {
    this.taint(error.details.path)
    this.#push(error)
  }

  /** A problem between values: told only if each of these values is sound by itself. */
  addBetween(error: BanyanError<Place>, paths: readonly string[]): void {
    if (paths.every((path) => this.isSound(path))) this.#push(error)
  }

  /** Marks a value as not meant the way it stands. */
  taint(path: string): void {
    this.#tainted.add(path)
  }

  /** Whether the value at this path, its elements and what it stands in are free of problems. */
  isSound(path: string): boolean {
    for (const tainted of this.#tainted) {
      const isAround = path.startsWith(`${tainted}.`)
      if (tainted === path || isAround || tainted.startsWith(`${path}[`)) return false
    }
    return true
  }

  /** @throws TOPOLOGY_INVALID with all problems, if there are any */
  throwIfAny(topology: string): void {
    if (this.#problems.length > 0) throw topologyInvalid({ topology, problems: this.#problems })
  }

  #push(error: BanyanError<Place>): void {
    if (this.#problems.length < problemsMax) this.#problems.push(problemOf(error))
  }
}

/** An error of the room's table as a problem. */
export function problemOf({ code, message, fix, details }: BanyanError<Place>): Problem {
  return { code, path: details.path, message, fix, nearest: details.nearest ?? '' }
}
