import { availableParallelism } from 'node:os'

/** Starting a process costs a second of one core: more at once only make each other slow. */
const startsMax: number = Math.max(4, availableParallelism())

/** Starts each item and waits until it is ready, a bounded number at once, in their order.
 *  @throws what the first one that fails throws; the others are not waited for */
export async function startInTurn<Item>(
  items: readonly Item[],
  start: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...items]
  let hasFailed = false
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && !hasFailed; item = waiting.shift()) {
      try {
        await start(item)
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(startsMax, items.length) }, work))
}
