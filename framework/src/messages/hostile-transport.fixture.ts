/** A transport that does all that a transport may do, on purpose: it delivers a share of its messages twice,
 *  at once or late, mixes them within a window, and delivers everything again when it is told to. What
 *  it keeps is the order of first deliveries with one key, as every transport must. */
import { createSeededRandom, type Random } from '../kernel/index.ts'
import type { CarriedMessage } from './message.ts'
import type { Deliver, Transport } from './port.ts'

const window = 100
const doubledShare = 0.2
const chunkMax = 40

export interface HostileTransport extends Transport {
  /** Delivers everything it ever carried again. */
  replay(): Promise<void>
  readonly delivered: number
}

export function createHostileTransport(seed: number): HostileTransport {
  return new Hostile(createSeededRandom(seed))
}

class Hostile implements HostileTransport {
  readonly engine = 'hostile'
  readonly #random: Random
  readonly #topics = new Map<string, ReadonlySet<string>>()
  readonly #consumers = new Map<string, Deliver>()
  readonly #carried: CarriedMessage[] = []
  #late: CarriedMessage[] = []
  delivered = 0

  constructor(random: Random) {
    this.#random = random
  }

  async open({ consumers }: Parameters<Transport['open']>[0]): Promise<void> {
    for (const { name, topics } of consumers) this.#topics.set(name, new Set(topics))
  }

  async publish(batch: readonly CarriedMessage[]): Promise<void> {
    const mixed = this.#mix(batch)
    const sent: CarriedMessage[] = []
    for (const message of mixed) {
      sent.push(message)
      if (this.#random.fraction() < doubledShare) {
        if (this.#random.fraction() < 0.5) sent.push(message)
        else this.#late.push(message)
      }
    }
    const late = this.#late.filter(() => this.#random.fraction() < 0.5)
    this.#late = this.#late.filter((message) => !late.includes(message))
    await this.#deliver([...sent, ...late])
    this.#carried.push(...batch)
  }

  async replay(): Promise<void> {
    await this.#deliver(this.#carried)
  }

  async consume(consumer: string, deliver: Deliver): ReturnType<Transport['consume']> {
    this.#consumers.set(consumer, deliver)
    return { stop: async () => void this.#consumers.delete(consumer) }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #deliver(messages: readonly CarriedMessage[]): Promise<void> {
    for (let start = 0; start < messages.length; ) {
      const end = start + 1 + Math.floor(this.#random.fraction() * chunkMax)
      const chunk = messages.slice(start, end)
      this.delivered += chunk.length
      for (const [consumer, deliver] of this.#consumers) {
        const wanted = chunk.filter(({ name }) => this.#topics.get(consumer)?.has(name) === true)
        if (wanted.length > 0) await deliver(wanted)
      }
      start = end
    }
  }

  /** Draws any of the next 100 whose key has none before it. */
  #mix(batch: readonly CarriedMessage[]): CarriedMessage[] {
    const left = [...batch]
    const mixed: CarriedMessage[] = []
    while (left.length > 0) {
      const drawn = Math.floor(this.#random.fraction() * Math.min(window, left.length))
      const key = left[drawn]?.key
      const first = left.findIndex((message, index) => index === drawn || message.key === key)
      mixed.push(...left.splice(first, 1))
    }
    return mixed
  }
}
