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
  /** Shortest time between two deaths in one service, in milliseconds; 250 unless given. A call is sent
   *  three times at most, within about 100 ms: an instance must not die under each of them. */
  readonly restMs?: number
  /** Decides which call is the first, and in which moments instances die; 0 unless given. */
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
const restMsDefault = 250
const delayMsMax = 4

/** Which calls are fatal: every n-th, or the next one after it whose instance can be spared. No
 *  operation of one trace is fatal twice, for it would be the same call, sent again. The moments take
 *  turns, so that each of them comes about. */
export class KillPlan {
  readonly #clock: Clock
  readonly #every: number
  readonly #restMs: number
  readonly #seed: number
  readonly #victims = new Set<string>()
  readonly #lastMs = new Map<string, number>()
  #calls = 0
  #due: number

  constructor(clock: Clock, { every = everyDefault, restMs, seed = 0 }: KillOptions = {}) {
    if (!Number.isInteger(every) || every < 1) throw new Error(`kills every ${every} calls`)
    this.#clock = clock
    this.#every = every
    this.#restMs = restMs ?? restMsDefault
    this.#seed = seed
    this.#due = 1 + (seed % every)
  }

  /** Whether the next call would have been fatal for some while. */
  get isOverdue(): boolean {
    return this.#calls >= this.#due + this.#every
  }

  /** Counts a call.
   *  @param service  whose instance it reached; it has another instance that can go on
   *  @returns how the instance is to die, or undefined: not of this call */
  next(service: string, { operation, traceId }: Arrival): Fate | undefined {
    this.#calls++
    const victim = `${traceId} ${operation}`
    if (this.#calls < this.#due || this.#victims.has(victim)) return undefined
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - (this.#lastMs.get(service) ?? Number.NEGATIVE_INFINITY) < this.#restMs) {
      return undefined
    }
    const turn = this.#seed + this.#victims.size
    this.#victims.add(victim)
    this.#lastMs.set(service, nowMs)
    this.#due = this.#calls + this.#every
    const moment = moments[turn % moments.length] ?? 'arrival'
    return { moment, delayMs: Math.floor(turn / moments.length) % (delayMsMax + 1) }
  }
}
