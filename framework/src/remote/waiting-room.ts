import { BoundedQueue, type Clock, kernelQueueFull, type Timer } from '../kernel/index.ts'
import type { Journey } from './journey.ts'

export interface WaitingRoomOptions {
  readonly clock: Clock
  readonly callsMax: number
  /** Called every `sweepMs` while anybody waits, after those whose time is up were handed to
   *  `expired`: whatever should have moved the queue and did not is made up for here. */
  readonly swept: () => void
  readonly expired: (journey: Journey) => void
}

const sweepMs = 50

/** Calls that wait for an instance of one module, first come first served. One timer serves all of
 *  them; who settled meanwhile is dropped. */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions
  readonly #queue: BoundedQueue<Journey>
  /** The next in line, taken out of the queue to be looked at. */
  #first: Journey | undefined
  #timer: Timer | undefined

  constructor(options: WaitingRoomOptions) {
    this.#options = options
    this.#queue = new BoundedQueue('calls', options.callsMax)
  }

  get size(): number {
    return this.#queue.size + (this.#first === undefined ? 0 : 1)
  }

  /** False when it is full. */
  tryEnter(journey: Journey): boolean {
    try {
      this.#queue.push(journey)
    } catch (error) {
      if (kernelQueueFull.is(error)) return false
      throw error
    }
    this.#timer ??= this.#schedule()
    return true
  }

  /** Hands out calls in order until `take` refuses one, which then stays the first. */
  serve(take: (journey: Journey) => boolean): void {
    for (let next = this.#peek(); next !== undefined; next = this.#peek()) {
      this.#first = undefined
      if (take(next)) continue
      this.#first = next
      return
    }
  }

  /** Ends the wait of everybody. */
  empty(): readonly Journey[] {
    const left: Journey[] = []
    this.serve((journey) => left.push(journey) > 0)
    this.#timer?.stop()
    this.#timer = undefined
    return left
  }

  #peek(): Journey | undefined {
    while (this.#first === undefined || this.#first.call.isSettled) {
      this.#first = this.#queue.shift()
      if (this.#first === undefined) return undefined
    }
    return this.#first
  }

  #schedule(): Timer {
    return this.#options.clock.after(sweepMs, () => this.#sweep(), { background: true })
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonicMs()
    const expired: Journey[] = []
    const isWanted = (journey: Journey): boolean => {
      if (journey.call.isSettled) return false
      if (journey.untilMs > nowMs) return true
      expired.push(journey)
      return false
    }
    if (this.#first !== undefined && !isWanted(this.#first)) this.#first = undefined
    this.#queue.keep(isWanted)
    for (const journey of expired) this.#options.expired(journey)
    this.#options.swept()
    this.#timer = this.size === 0 ? undefined : this.#schedule()
  }
}
