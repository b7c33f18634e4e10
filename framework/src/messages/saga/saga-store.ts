import type { ModuleDatabase, StatementResult, StatementRunner } from '../../data/index.ts'
import { messagesLeaseLost } from '../errors.ts'
import type { LeasedMessage, MessageProblem } from '../leased-message.ts'
import type { PlatformContexts } from '../platform-context.ts'
import type {
  Asked,
  AskedWait,
  SagaFailure,
  RecordedSaga,
  SagaRecord,
  SagaRecords,
} from './saga-records.ts'
import * as sql from './saga-sql.ts'
import { StepBatch } from './step-batch.ts'

const timeoutMs = 10_000

/** The records of the sagas of one module. */
export class SagaStore {
  readonly #database: ModuleDatabase
  readonly #contexts: PlatformContexts
  readonly #steps: StepBatch

  constructor(database: ModuleDatabase, contexts: PlatformContexts) {
    this.#database = database
    this.#contexts = contexts
    this.#steps = new StepBatch(database, contexts)
  }

  /** The records of one message, as who holds it may change them.
   *  @param isFenced  false only in negative controls of tests */
  of(message: LeasedMessage, { isFenced }: { readonly isFenced: boolean }): SagaRecords {
    const run: Run = (work) => this.#database.withRunner(this.#contexts.create(timeoutMs), work)
    return new MessageRecords(message, { isFenced, run, steps: this.#steps })
  }
}

interface Parts {
  readonly isFenced: boolean
  readonly run: Run
  readonly steps: StepBatch
}

type Run = <Result>(work: (runner: StatementRunner) => Promise<Result>) => Promise<Result>

class MessageRecords implements SagaRecords {
  readonly #message: LeasedMessage
  readonly #held: readonly unknown[]
  readonly #parts: Parts
  #isWritten = false

  constructor(message: LeasedMessage, parts: Parts) {
    this.#message = message
    this.#held = [message.position, message.epoch, parts.isFenced]
    this.#parts = parts
  }

  async load(): Promise<RecordedSaga> {
    const { id, position, epoch } = this.#message
    // nothing is on record of what nobody has held before
    if (epoch === 1 && !this.#isWritten) return nothing
    const [history, cancelling] = await this.#parts.run((runner) =>
      Promise.all([runner.run(sql.historyText, [id]), runner.run(sql.cancellingText, [position])]),
    )
    return {
      records: history.rows.filter(({ kind }) => kind !== failureKind).map(recordOf),
      failure: failureOf(history.rows.find(({ kind }) => kind === failureKind)),
      isCancelling: cancelling.rows[0]?.['is_cancelling'] === true,
    }
  }

  async step(asked: Asked & { readonly result: string; readonly hasUndo: boolean }): Promise<void> {
    this.#isWritten = true
    const { steps, isFenced } = this.#parts
    const { position, epoch } = this.#message
    if (!(await steps.add({ position, epoch, isFenced, ...asked }))) throw this.#lost()
  }

  async sleep(asked: Asked & { readonly durationMs: number }): Promise<SagaRecord> {
    const values = [asked.name, asked.number, Math.ceil(asked.durationMs)]
    const { rows } = await this.#change(sql.sleepText, values)
    return { ...emptyRecord, name: asked.name, kind: 'sleep', dueInMs: dueIn(rows[0]) }
  }

  wait({ name, number, event, key, timeoutMs: dueMs }: AskedWait): Promise<SagaRecord> {
    this.#isWritten = true
    return this.#parts.run(async (runner) => {
      const values = [...this.#held, name, number, event, key, Math.ceil(dueMs)]
      const [, begun, answered] = await Promise.all([
        runner.run(sql.lockKeysText, [[event], [key]]),
        runner.run(sql.waitText, values),
        runner.run(sql.answerText, [[event], [key]]),
      ])
      const [row] = this.#assertHeld(begun).rows
      const own = answered.rows.find((one) => {
        return one['message'] === this.#message.id && one['name'] === name
      })
      const result = own === undefined ? undefined : String(own['payload'])
      const dueInMs = own === undefined ? dueIn(row) : undefined
      return { ...emptyRecord, name, kind: 'wait', result, dueInMs }
    })
  }

  timeOut(name: string): Promise<string | undefined> {
    return this.#parts.run(async (runner) => {
      const { rows } = await runner.run(sql.timeOutText, [...this.#held, name])
      if (rows.length > 0) return undefined
      const found = await runner.run(sql.payloadText, [this.#message.id, name])
      const payload = found.rows[0]?.['payload']
      if (typeof payload !== 'string') throw this.#lost()
      return payload
    })
  }

  async undone(name: string): Promise<void> {
    await this.#change(sql.undoneText, [name])
  }

  async fail({ problem, ends, attempts }: SagaFailure): Promise<void> {
    await this.#change(sql.failText, [attempts, JSON.stringify({ problem, ends })])
  }

  #change(text: string, values: readonly unknown[]): Promise<StatementResult> {
    this.#isWritten = true
    return this.#parts.run(async (runner) =>
      this.#assertHeld(await runner.run(text, [...this.#held, ...values])),
    )
  }

  #assertHeld(result: StatementResult): StatementResult {
    if (result.rows.length === 0) throw this.#lost()
    return result
  }

  #lost(): Error {
    const { queue, id } = this.#message
    return messagesLeaseLost({ queue, id })
  }
}

const failureKind = 2
const nothing: RecordedSaga = { records: [], failure: undefined, isCancelling: false }
const emptyRecord = {
  result: undefined,
  dueInMs: undefined,
  hasUndo: false,
  isUndone: false,
} as const

type Row = Readonly<Record<string, unknown>>

function recordOf(row: Row): SagaRecord {
  const isWait = row['source'] === 'wait'
  const result = row['result']
  return {
    name: String(row['name']),
    kind: isWait ? 'wait' : row['kind'] === 1 ? 'sleep' : 'step',
    result: typeof result === 'string' ? result : undefined,
    dueInMs: dueIn(row),
    hasUndo: row['has_undo'] === true,
    isUndone: row['is_undone'] === true,
  }
}

function failureOf(row: Row | undefined): SagaFailure | undefined {
  if (row === undefined) return undefined
  const { problem, ends } = JSON.parse(String(row['result'])) as {
    readonly problem: MessageProblem
    readonly ends: SagaFailure['ends']
  }
  return { problem, ends, attempts: Number(row['number']) }
}

function dueIn(row: Row | undefined): number | undefined {
  const ms = row?.['due_in_ms']
  return typeof ms === 'number' ? ms : undefined
}
