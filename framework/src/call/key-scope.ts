/** Counts what is done under one idempotency key, so that a repetition does each thing under the number it
 *  had. A command has one scope; work that is repeated in parts (the steps of a saga) has one for each. */
export class KeyScope {
  /** Undefined where nothing is repeated: then nothing is claimed and no key derived. */
  readonly key: string | undefined
  #transactions = 0
  /** Counts down, so that no recorded transaction has the same number. */
  #unrecorded = 0
  #calls: Map<string, number> | undefined

  constructor(key: string | undefined) {
    this.key = key
  }

  /** Number of the next transaction; those that are not recorded are counted apart. */
  nextTransaction(isRecorded: boolean): number {
    return isRecorded ? this.#transactions++ : --this.#unrecorded
  }

  /** Number of the next call of `operation` outside of transactions. */
  nextCall(operation: string): number {
    this.#calls ??= new Map()
    return nextOf(this.#calls, operation)
  }
}

/** Counts in `counts`, from 0. */
export function nextOf(counts: Map<string, number>, name: string): number {
  const count = counts.get(name) ?? 0
  counts.set(name, count + 1)
  return count
}
