import { kernelQueueFull } from './errors.ts'

/** A first-in first-out queue that refuses instead of growing: a ring over a fixed capacity. */
export class BoundedQueue<Item> {
  readonly #name: string
  readonly #capacity: number
  readonly #ring: (Item | undefined)[] = []
  #head = 0
  #size = 0

  /** @param capacity  ≥ 1 items. */
  constructor(name: string, capacity: number) {
    this.#name = name
    this.#capacity = capacity
  }

  get size(): number {
    return this.#size
  }

  /** @throws KERNEL_QUEUE_FULL (retry: later) */
  push(item: Item): void {
    if (this.#size === this.#capacity) {
      throw kernelQueueFull({ queue: this.#name, limit: this.#capacity })
    }
    this.#ring[(this.#head + this.#size) % this.#capacity] = item
    this.#size++
  }

  /** The oldest item, or undefined when empty. */
  shift(): Item | undefined {
    if (this.#size === 0) return undefined
    const item = this.#ring[this.#head]
    this.#ring[this.#head] = undefined
    this.#head = (this.#head + 1) % this.#capacity
    this.#size--
    return item
  }

  /** Drops the items that are not wanted any more, and keeps the order of the others.
   *  Cost: O(size). */
  keep(isWanted: (item: Item) => boolean): void {
    for (let left = this.#size; left > 0; left--) {
      const item = this.shift()
      if (item !== undefined && isWanted(item)) this.push(item)
    }
  }
}
