import type { KeyScope } from '../../call/index.ts'
import type { Context } from '../../kernel/index.ts'
import { messagesUndoMissing } from './errors.ts'
import { canBeUndone, type SagaRecord, type SagaRecords } from './saga-records.ts'
import { StepScope } from './step-scope.ts'

interface Undo {
  readonly number: number
  readonly name: string
  readonly run: () => Promise<void>
}

/** What would undo the steps that the code has asked for. */
export class Undos {
  readonly #undos = new Map<string, Undo>()

  add(undo: Undo): void {
    this.#undos.set(undo.name, undo)
  }

  /** Runs them, last step first; each is recorded.
   *  @param records  of the saga: all of them that can be undone must have been asked for
   *  @param thrown  what the code threw instead, if it did
   *  @throws what an undo threw · MESSAGES_UNDO_MISSING (nothing was run) · MESSAGES_LEASE_LOST */
  async run(
    records: readonly SagaRecord[],
    parts: {
      readonly saga: string
      readonly context: Context
      readonly store: SagaRecords
      readonly thrown: unknown
      keysOf(name: string): KeyScope
    },
  ): Promise<void> {
    const { saga, context, store, thrown, keysOf } = parts
    const { faults } = context.world
    const missing = records.filter((one) => canBeUndone(one) && !this.#undos.has(one.name))
    if (missing.length > 0) {
      const names = missing.map(({ name }) => name).join(', ')
      throw messagesUndoMissing({ saga, names }, { cause: thrown })
    }
    for (const { name, run } of [...this.#undos.values()].sort((a, b) => b.number - a.number)) {
      if (context.cancelled !== undefined) throw context.cancelled
      await faults.reach('messages.undo.before')
      await StepScope.run(context, keysOf(name), run)
      await faults.reach('messages.undo.after')
      await store.undone(name)
    }
  }
}
