import { type Clock, sleep, type Timer } from '../../kernel/index.ts'
import type { Consumption, Deliver } from '../../messages/index.ts'
import { atMost } from './deadline.ts'
import { reasonOf } from './failure.ts'
import type { Link } from './link.ts'
import type { Taken, Turn } from './turn.ts'

const stopMs = 10_000
const releaseMs = 1_000
/** How often a process asks whether it is its turn. */
const standbyMs = 500
const listenMsMax = 1_000
const retry = { firstMs: 100, maxMs: 5_000 }
const none: ReadonlyMap<string, string> = new Map()

export interface ConsumptionOptions {
  readonly clock: Clock
  readonly consumer: string
  readonly link: Link
  readonly turn: Turn
  readonly leaseMs: number
  readonly deliver: Deliver
  readonly report: (problem: string) => void
}

/** Delivers what one consumer wants, batch after batch, while it is this process's turn.
 *  Invariant: a batch is acknowledged after it was taken; one that was rejected is read again. */
export class RedisConsumption implements Consumption {
  readonly #options: ConsumptionOptions
  readonly #ending = new AbortController()
  readonly #ended: Promise<void>
  /** Delivered; said to Redis with the next take. */
  #acknowledged: ReadonlyMap<string, string> = none
  #isListening = false
  #isAbandoned = false

  constructor(options: ConsumptionOptions) {
    this.#options = options
    this.#ended = this.#run()
  }

  async stop(): Promise<void> {
    this.#end()
    await atMost(this.#options.clock, stopMs, this.#ended)
  }

  /** Ends without waiting for the batch under way; it will come again. */
  async abandon(): Promise<void> {
    this.#isAbandoned = true
    this.#end()
    await this.#release(none)
  }

  #end(): void {
    if (this.#isEnding) return
    this.#ending.abort()
    // it may wait for messages that never come
    if (this.#isListening) this.#options.link.drop()
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted
  }

  async #run(): Promise<void> {
    let failures = 0
    while (!this.#isEnding) {
      try {
        await this.#step()
        failures = 0
      } catch (error) {
        if (this.#isEnding) break
        this.#options.report(`${this.#options.consumer}: ${reasonOf(error)}`)
        failures++
        await this.#pause(failures)
      }
    }
    if (!this.#isAbandoned) await this.#release(this.#acknowledged)
  }

  /** Takes a batch and delivers it, or waits for one. Rejects as `deliver` does, and when Redis is away. */
  async #step(): Promise<void> {
    const taken = await this.#take()
    if (taken === undefined) return this.#wait(standbyMs)
    if (this.#isEnding) return
    if (taken.batch.length === 0) return this.#listen(taken)
    await this.#deliver(taken)
  }

  async #take(): Promise<Taken | undefined> {
    const { link, turn } = this.#options
    const client = await link.client()
    try {
      const taken = await turn.take(client, this.#acknowledged)
      this.#acknowledged = none
      return taken
    } catch (error) {
      // prepared again, it has its streams and groups
      link.drop()
      throw error
    }
  }

  async #deliver({ batch, lasts }: Taken): Promise<void> {
    const keeping = this.#keepTurn()
    try {
      await this.#options.deliver(batch)
      if (!this.#isAbandoned) this.#acknowledged = lasts
    } finally {
      keeping.stop()
    }
  }

  async #listen({ positions }: Taken): Promise<void> {
    const { link, turn, leaseMs } = this.#options
    const client = await link.client()
    if (this.#isEnding) return
    this.#isListening = true
    try {
      const timeoutMs = Math.min(listenMsMax, Math.floor(leaseMs / 3))
      await turn.listen(client, positions, timeoutMs)
    } catch (error) {
      link.drop()
      throw error
    } finally {
      this.#isListening = false
    }
  }

  /** A delivery may take longer than the lease. */
  #keepTurn(): Timer {
    const { clock, link, turn, leaseMs } = this.#options
    let timer: Timer
    const renew = (): void => {
      void link
        .client()
        .then((client) => turn.renew(client))
        .catch(() => {})
      timer = clock.after(leaseMs / 3, renew, { background: true })
    }
    timer = clock.after(leaseMs / 3, renew, { background: true })
    return { stop: () => timer.stop() }
  }

  async #release(acknowledged: ReadonlyMap<string, string>): Promise<void> {
    const { clock, link, turn } = this.#options
    const released = link.client().then((client) => turn.release(client, acknowledged))
    await atMost(clock, releaseMs, released)
  }

  /** Longer after each failure, but not so long that the turn passes to another process. */
  async #pause(failures: number): Promise<void> {
    const delayMs = retry.firstMs * 2 ** Math.min(failures - 1, 10)
    await this.#wait(Math.min(retry.maxMs, this.#options.leaseMs / 2, delayMs))
  }

  async #wait(delayMs: number): Promise<void> {
    await sleep(this.#options.clock, delayMs, this.#ending.signal).catch(() => {})
  }
}
