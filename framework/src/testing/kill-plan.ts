import type { Clock } from '../kernel/index.ts'

/** When in the life of a call its instance dies: as it arrives, while its handler works, or when the
 *  handler has ended and the answer has not left. */
export type KillMoment = 'arrival' | 'work' | 'answer'

const moments: readonly KillMoment[] = ['arrival', 'work', 'answer']

/** An instance that was killed under a call. */
export interface Kill {
  /** `service-3-cart-7` */
  readonly instance: string
  /** The operation that it was running: `cart.get` */
  readonly operation: string
  readonly moment: KillMoment
}

export interface KillOptions {
  /** Every so many calls one kills the instance that it reached, 1..; 7 unless given. */
  readonly every?: number
  /** Shortest time between two deaths in one service, in milliseconds; 100 unless given. */
  readonly restMs?: number
  /** Decides which call is the first, and in which moments instances die; TEST_SEED or 0 unless given. */
  readonly seed?: number
}

/** A call that reached an instance. */
export interface Arrival {
  /** `cart.get` */
  readonly operation: string
  readonly traceId: string
}

/** What a call does to the instance that it reached. */
export interface Fate {
  readonly moment: KillMoment
  /** Of a death at work: how long after the handler began; one that ends sooner dies with its end. */
  readonly delayMs: number
}

const everyDefault = 7
const restMsDefault = 100
const delayMsMax = 4
/** Calls that one death may cost: more would try the retry budget of their callers. */
const lossMax = 8

/** Which calls are fatal: every n-th, or the next one after it whose instance may die. No call is lost
 *  twice, for a caller sends it three times at most. The moments take turns, so that each comes about. */
export class KillPlan {
  readonly #clock: Clock
  readonly #every: number
  readonly #restMs: number
  readonly #seed: number
  readonly #lost = new Set<string>()
  readonly #lastMs = new Map<string, number>()
  readonly #firstDue: number
  #calls = 0
  #due: number
  #kills = 0

  constructor(
    clock: Clock,
    { every = everyDefault, restMs, seed = seedOfEnvironment() }: KillOptions = {},
  ) {
    if (!Number.isInteger(every) || every < 1) throw new Error(`kills every ${every} calls`)
    this.#clock = clock
    this.#every = every
    this.#restMs = restMs ?? restMsDefault
    this.#seed = seed
    this.#firstDue = 1 + (seed % every)
    this.#due = this.#firstDue
  }

  /** Whether nothing but bad luck keeps instances alive. */
  get isOverdue(): boolean {
    return this.#kills === 0 && this.#calls >= this.#firstDue + 5 * this.#every
  }

  /** Counts a call.
   *  @returns how the instance that it reached is to die, or undefined: not of this call */
  next(): Fate | undefined {
    if (++this.#calls < this.#due) return undefined
    this.#due = this.#calls + this.#every
    const turn = this.#seed + this.#kills
    const moment = moments[turn % moments.length] ?? 'arrival'
    return { moment, delayMs: Math.floor(turn / moments.length) % (delayMsMax + 1) }
  }

  /** Whether an instance may die that runs these calls; if so, they count as lost. */
  mayEnd(service: string, calls: readonly Arrival[]): boolean {
    const nowMs = this.#clock.monotonicMs()
    const lastMs = this.#lastMs.get(service) ?? Number.NEGATIVE_INFINITY
    const keys = calls.map(({ traceId, operation }) => `${traceId} ${operation}`)
    const isSpared =
      nowMs - lastMs < this.#restMs ||
      keys.length > lossMax ||
      keys.some((key) => this.#lost.has(key))
    if (isSpared) {
      // the next call that arrives anywhere
      this.#due = this.#calls + 1
      return false
    }
    for (const key of keys) this.#lost.add(key)
    this.#lastMs.set(service, nowMs)
    this.#kills++
    return true
  }
}

function seedOfEnvironment(): number {
  const seed = Number(process.env['TEST_SEED'] ?? '0')
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`TEST_SEED is no count: ${seed}`)
  return seed
}
