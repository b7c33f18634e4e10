/** A list that is taken from at its begin, many times faster than an array of thousands. */
export class Fifo<Item> {
  #items: Item[] = []
  #start = 0

  get first(): Item | undefined {
    return this.#items[this.#start]
  }

  add(items: readonly Item[]): void {
    if (this.#start > 0) this.#items = this.#items.slice(this.#start)
    this.#start = 0
    for (const item of items) this.#items.push(item)
  }

  /** The first ones, at most `max`, as long as `isWanted`. */
  take(max: number, isWanted: (item: Item) => boolean = () => true): Item[] {
    const items = this.#items
    const start = this.#start
    let end = start
    for (; end < items.length && end - start < max; end++) {
      if (!isWanted(items[end] as Item)) break
    }
    this.#start = end
    return items.slice(start, end)
  }

  /** The last ones, at most `max`. */
  takeLast(max: number): Item[] {
    return this.#items.splice(Math.max(this.#start, this.#items.length - max))
  }
}
