/** The closed loop: a number of callers, each of which waits for its reply before it asks again. */
import type { OrderReply, OrderRequest } from '../endpoint/order.ts'
import { Latencies } from './latencies.ts'

export type Call = (order: OrderRequest) => Promise<OrderReply>

export type LoadOptions = {
  readonly callers: number
  readonly seconds: number
  readonly orders: readonly OrderRequest[]
}

export type Load = {
  readonly callsPerSecond: number
  readonly calls: number
  readonly p50Us: number
  readonly p99Us: number
  readonly errors: number
  /** The message of the first error. */
  readonly firstError?: string
}

/** Above this many errors a loop gives up: the subject is refused anyway. */
const errorsMax = 100

/** Runs the loop and waits for the last reply. A reply to another order counts as an error. */
export async function runLoad(call: Call, options: LoadOptions): Promise<Load> {
  const loop = new ClosedLoop(call, options)
  await Promise.all(Array.from({ length: options.callers }, (_, caller) => loop.run(caller)))
  return loop.load()
}

class ClosedLoop {
  readonly #call: Call
  readonly #options: LoadOptions
  readonly #latencies = new Latencies()
  readonly #endsAtMs: number
  #errors = 0
  #firstError: string | undefined

  constructor(call: Call, options: LoadOptions) {
    this.#call = call
    this.#options = options
    this.#endsAtMs = performance.now() + options.seconds * 1_000
  }

  async run(caller: number): Promise<void> {
    const { orders } = this.#options
    for (let turn = caller; this.#errors < errorsMax; turn += 1) {
      const order = orders[turn % orders.length]
      const startedMs = performance.now()
      if (order === undefined || startedMs >= this.#endsAtMs) return
      try {
        const reply = await this.#call(order)
        if (reply.orderId !== order.orderId) throw new Error('the reply to another order')
      } catch (error) {
        this.#errors += 1
        this.#firstError ??= String(error)
      }
      const endedMs = performance.now()
      // What ends after the end is not part of the measured time.
      if (endedMs < this.#endsAtMs) this.#latencies.record(endedMs - startedMs)
    }
  }

  load(): Load {
    const { count: calls } = this.#latencies
    const load = {
      calls,
      callsPerSecond: calls / this.#options.seconds,
      p50Us: calls === 0 ? Number.NaN : this.#latencies.quantileUs(0.5),
      p99Us: calls === 0 ? Number.NaN : this.#latencies.quantileUs(0.99),
      errors: this.#errors,
    }
    return this.#firstError === undefined ? load : { ...load, firstError: this.#firstError }
  }
}
