import type { ModuleDatabase } from '../../data/index.ts'
import type { PlatformContexts } from '../platform-context.ts'
import { stepsText } from './saga-sql.ts'

/** A step that is done. */
export interface DoneStep {
  readonly position: bigint
  readonly epoch: number
  /** False only in negative controls of tests. */
  readonly isFenced: boolean
  readonly name: string
  readonly number: number
  readonly result: string
  readonly hasUndo: boolean
}

interface Waiting {
  readonly step: DoneStep
  readonly resolve: (isRecorded: boolean) => void
  readonly reject: (error: unknown) => void
}

const countMax = 500
const lengthMax = 4 * 1024 * 1024
const timeoutMs = 10_000

/** Records the steps of many sagas in one statement: while one is on its way, the next gather. */
export class StepBatch {
  readonly #database: ModuleDatabase
  readonly #contexts: PlatformContexts
  readonly #waiting: Waiting[] = []
  #isFlying = false

  constructor(database: ModuleDatabase, contexts: PlatformContexts) {
    this.#database = database
    this.#contexts = contexts
  }

  /** Resolves when the step is recorded; false where its message is not held any more. @throws DATA_… */
  add(step: DoneStep): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ step, resolve, reject })
      if (this.#isFlying) return
      this.#isFlying = true
      queueMicrotask(() => void this.#fly())
    })
  }

  async #fly(): Promise<void> {
    while (this.#waiting.length > 0) await this.#write(this.#next())
    this.#isFlying = false
  }

  #next(): readonly Waiting[] {
    let length = 0
    const end = this.#waiting.findIndex(({ step }, index) => {
      length += step.result.length
      return index > 0 && (index >= countMax || length > lengthMax)
    })
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const steps = batch.map(({ step }) => step)
    const values = [
      steps.map(({ position }) => position),
      steps.map(({ epoch }) => epoch),
      steps.map(({ isFenced }) => isFenced),
      steps.map(({ name }) => name),
      steps.map(({ number }) => number),
      steps.map(({ result }) => result),
      steps.map(({ hasUndo }) => hasUndo),
    ]
    try {
      const { rows } = await this.#database.withRunner(this.#contexts.create(timeoutMs), (runner) =>
        runner.run(stepsText, values),
      )
      const recorded = new Set(rows.map((row) => placeOf(row['position'], row['name'])))
      for (const { step, resolve } of batch)
        resolve(recorded.has(placeOf(step.position, step.name)))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

function placeOf(position: unknown, name: unknown): string {
  return `${String(position)} ${String(name)}`
}
