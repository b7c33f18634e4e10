import type { Context } from '../../kernel/index.ts'
import { messagesStepDuplicate, messagesStepInvalid, messagesStepsExhausted } from './errors.ts'

const asksMax = 1_000
const nameLengthMax = 100
const namePattern = /^[^\p{Cc}]{1,100}$/u

/** What the code of a saga has asked for in one run, in order. */
export class Asks {
  readonly #saga: string
  readonly #context: Context
  readonly #misplaced: () => string | undefined
  readonly #names = new Set<string>()
  #isEnded = false

  /** @param misplaced  why the caller may not ask where it is, if so */
  constructor(saga: string, context: Context, misplaced: () => string | undefined) {
    this.#saga = saga
    this.#context = context
    this.#misplaced = misplaced
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** From now on everything is refused. */
  end(): void {
    this.#isEnded = true
  }

  /** @returns how many were asked for before
   *  @throws MESSAGES_STEP_INVALID · MESSAGES_STEP_DUPLICATE · MESSAGES_STEPS_EXHAUSTED · why the context
   *    was cancelled */
  add(name: string): number {
    const saga = this.#saga
    if (this.#context.cancelled !== undefined) throw this.#context.cancelled
    const place = this.#isEnded ? 'the run has ended' : this.#misplaced()
    if (place !== undefined) throw messagesStepInvalid({ saga, name, reason: place })
    if (!namePattern.test(name)) {
      const reason = 'its name has not 1 to 100 printable characters'
      throw messagesStepInvalid({ saga, name: name.slice(0, nameLengthMax), reason })
    }
    if (this.#names.has(name)) throw messagesStepDuplicate({ saga, name })
    if (this.#names.size >= asksMax) throw messagesStepsExhausted({ saga, limit: asksMax })
    this.#names.add(name)
    return this.#names.size - 1
  }
}
