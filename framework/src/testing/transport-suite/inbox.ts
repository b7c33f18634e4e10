import type { CarriedMessage, Deliver } from '../../messages/index.ts'
import { until } from './scene.ts'

/** What a module does with a batch before it is committed: rejects it, takes its time, waits. */
export type Reception = (batch: readonly CarriedMessage[], attempt: number) => Promise<void> | void

const batchMax = 1_000

/** Stands for the inbox of a consumer: keeps what was committed, in the order in which it was. */
export class Inbox {
  /** Committed, repetitions included. */
  readonly taken: CarriedMessage[] = []
  /** Every batch that was given, also those that were refused. */
  readonly given: (readonly CarriedMessage[])[] = []
  readonly #patienceMs: number
  readonly #reception: Reception
  readonly #ids = new Set<string>()
  /** Why the transport broke the port: it swallows what `deliver` throws. */
  #broken: string | undefined

  constructor(patienceMs: number, reception: Reception = () => {}) {
    this.#patienceMs = patienceMs
    this.#reception = reception
  }

  /** How one process delivers to this inbox. */
  deliver(): Deliver {
    let isBusy = false
    return async (batch) => {
      if (isBusy) this.#broken = 'a batch was given while another one was under way'
      if (batch.length === 0 || batch.length > batchMax) {
        this.#broken = `a batch of ${batch.length} messages was given`
      }
      isBusy = true
      try {
        await this.#reception(batch, this.given.push(batch))
        this.#take(batch)
      } finally {
        isBusy = false
      }
    }
  }

  /** Waits until each of these was committed at least once.
   *  @throws Error that names what is missing, or how the port was broken */
  async holds(messages: readonly CarriedMessage[]): Promise<void> {
    const missing = (): CarriedMessage[] => messages.filter(({ id }) => !this.#ids.has(id))
    await this.waits(
      () => `${missing().length} of ${messages.length} messages are missing`,
      () => missing().length === 0,
    )
  }

  /** Waits for something else about it. */
  async waits(what: () => string, holds: () => boolean): Promise<void> {
    await until(this.#patienceMs, what, () => {
      this.assertSound()
      return holds()
    })
  }

  assertSound(): void {
    if (this.#broken !== undefined) throw new Error(this.#broken)
  }

  #take(batch: readonly CarriedMessage[]): void {
    for (const message of batch) {
      this.taken.push(message)
      this.#ids.add(message.id)
    }
  }
}
