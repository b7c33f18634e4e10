import { KeyScope } from '../../call/index.ts'
import { decodeRecord, encodeRecord } from '../../data/index.ts'
import type { Context } from '../../kernel/index.ts'
import type { Event, NamedEvent } from '../../contract/index.ts'
import type { CompiledSchema } from '../../schema/index.ts'
import { Asks } from './asks.ts'
import { messagesSagaUnwinding, messagesStepInvalid, messagesStepTooLarge } from './errors.ts'
import type { Asked, SagaFailure, SagaRecord, SagaRecords } from './saga-records.ts'
import { StepScope } from './step-scope.ts'
import { Undos } from './undos.ts'

const resultBytesMax = 256 * 1024
const pauseMsMax = 366 * 86_400_000

export interface SagaRunOptions {
  /** `orders.jobs.fulfil` */
  readonly saga: string
  /** Under which its steps happen once; undefined in negative controls. */
  readonly key: string | undefined
  /** Of this run. */
  readonly context: Context
  readonly records: SagaRecords
  /** The events that the module awaits, by name. */
  readonly awaited: ReadonlyMap<string, CompiledSchema>
  /** Why the caller may not ask for a step where it is, if so. */
  misplaced(): string | undefined
  /** Nothing runs any more; all that the code has asked for waits. */
  paused(pause: SagaPause): void
  /** The failure of a saga that an operator cancelled. Throws where nothing is to be undone. */
  cancelled(records: readonly SagaRecord[]): SagaFailure
}

/** Why and for how long a run ends before its code does. */
export interface SagaPause {
  readonly delayMs: number
  /** Names of waits, any of which ends the pause. */
  readonly waits: readonly string[]
}

interface History {
  readonly byName: ReadonlyMap<string, SagaRecord>
  readonly failure: SagaFailure | undefined
}

type Answer<Result> =
  | { readonly value: Result }
  | { readonly dueInMs: number; readonly isWait: boolean }

/** One run of a saga's code: answers what it asks for from the records, or does and records it.
 *
 *  What is not over yet (a sleep, a wait) is answered by a promise that never settles, so that no code
 *  after it runs, whatever `catch` and `finally` are around it; once nothing else is under way, the run
 *  is paused, and its message waits. A saga that has failed is run once more to be undone: its code is
 *  answered from the records and refused everything else, which brings back the functions that undo, bound
 *  to a living context; then they are run, last step first.
 *
 *  running ──→ paused (the message waits) ──→ running again, from its begin
 *     ├──→ done
 *     └──→ failed for good ──→ unwinding: code again, then undos ──→ ended */
export class SagaRun {
  readonly #options: SagaRunOptions
  readonly #asks: Asks
  readonly #undos = new Undos()
  readonly #pauses: {
    readonly name: string
    readonly dueInMs: number
    readonly isWait: boolean
  }[] = []
  #loading: Promise<History> | undefined
  #history: History | undefined
  #busy = 0
  #idle: PromiseWithResolvers<void> | undefined
  #hasRecords = false

  constructor(options: SagaRunOptions) {
    this.#options = options
    this.#asks = new Asks(options.saga, options.context, options.misplaced)
  }

  /** The saga has failed: it is only undone. Known once the code has asked for something. */
  get failure(): SagaFailure | undefined {
    return this.#history?.failure
  }

  /** Something is on record. */
  get hasRecords(): boolean {
    return this.#hasRecords
  }

  step<Result>(
    name: string,
    run: () => Promise<Result>,
    { undo }: { readonly undo?: (result: Result) => Promise<void> } = {},
  ): Promise<Result> {
    return this.#ask<Result>(name, async (asked, history) => {
      const record = this.#recordOf(name, 'step', history)
      const text = record?.result ?? (await this.#run(asked, { run, hasUndo: undo !== undefined }))
      const value = decodeRecord(text) as Result
      if (undo !== undefined && record?.isUndone !== true) {
        this.#undos.add({ ...asked, run: () => undo(decodeRecord(text) as Result) })
      }
      return { value }
    })
  }

  sleep(name: string, durationMs: number): Promise<void> {
    return this.#ask<void>(name, async (asked, history) => {
      this.#assertDuration(name, durationMs)
      const { records } = this.#options
      const record =
        this.#recordOf(name, 'sleep', history) ?? (await records.sleep({ ...asked, durationMs }))
      const dueInMs = record.dueInMs ?? 0
      if (dueInMs <= 0) return { value: undefined }
      this.#assertForward(name, history)
      return { dueInMs, isWait: false }
    })
  }

  waitFor(
    name: string,
    event: NamedEvent<Event>,
    { key, timeoutMs }: { readonly key: string; readonly timeoutMs: number },
  ): Promise<unknown> {
    return this.#ask<unknown>(name, async (asked, history) => {
      this.#assertDuration(name, timeoutMs)
      const schema = this.#options.awaited.get(event.name)
      if (schema === undefined) throw this.#invalid(name, `${event.name} is not awaited`)
      const { records } = this.#options
      const record =
        this.#recordOf(name, 'wait', history) ??
        (await records.wait({ ...asked, event: event.name, key, timeoutMs }))
      if (record.result !== undefined) return { value: this.#decoded(name, schema, record.result) }
      const { dueInMs } = record
      if (dueInMs === undefined) return { value: undefined }
      this.#assertForward(name, history)
      if (dueInMs > 0) return { dueInMs, isWait: true }
      const late = await records.timeOut(name)
      return { value: late === undefined ? undefined : this.#decoded(name, schema, late) }
    })
  }

  /** Refuses whatever is asked for from now on. Resolves when nothing is under way. */
  async end(): Promise<void> {
    this.#asks.end()
    if (this.#busy === 0) return
    this.#idle ??= Promise.withResolvers()
    await this.#idle.promise
  }

  /** Undoes what is on record, last step first. Requires: the code has run to its end in this mode.
   *  @param thrown  what the code threw, where it ended in an error
   *  @throws what an undo threw · MESSAGES_UNDO_MISSING · MESSAGES_LEASE_LOST */
  async unwind(thrown: unknown): Promise<void> {
    const { saga, context, records: store } = this.#options
    const { byName } = await this.#load()
    await this.#undos.run([...byName.values()], {
      ...{ saga, context, store, thrown },
      keysOf: (name) => this.#keysOf(`undo ${name}`),
    })
  }

  async #ask<Result>(
    name: string,
    answer: (asked: Asked, history: History) => Promise<Answer<Result>>,
  ): Promise<Result> {
    const number = this.#asks.add(name)
    this.#busy++
    try {
      const answered = await answer({ name, number }, await this.#load())
      if ('value' in answered) return answered.value
      this.#pauses.push({ name, ...answered })
    } finally {
      this.#busy--
      this.#rest()
    }
    return new Promise<never>(() => {})
  }

  /** Nothing is under way: if something waits, and the code does not go on at once, the run is over. */
  #rest(): void {
    if (this.#busy > 0) return
    this.#idle?.resolve()
    if (this.#pauses.length === 0) return
    setImmediate(() => {
      if (this.#busy > 0 || this.#asks.isEnded) return
      this.#asks.end()
      const waits = this.#pauses.filter(({ isWait }) => isWait).map(({ name }) => name)
      const delayMs = Math.min(...this.#pauses.map(({ dueInMs }) => dueInMs))
      this.#options.paused({ delayMs, waits })
    })
  }

  async #run<Result>(
    asked: Asked,
    { run, hasUndo }: { readonly run: () => Promise<Result>; readonly hasUndo: boolean },
  ): Promise<string> {
    const { saga, context, records } = this.#options
    const { name } = asked
    const { faults } = context.world
    await faults.reach('messages.step.before')
    const result = encodeRecord(await StepScope.run(context, this.#keysOf(`step ${name}`), run))
    const bytes = Buffer.byteLength(result)
    if (bytes > resultBytesMax) {
      throw messagesStepTooLarge({ saga, name, bytes, limit: resultBytesMax })
    }
    await faults.reach('messages.step.after')
    await records.step({ ...asked, result, hasUndo })
    this.#hasRecords = true
    return result
  }

  /** The record of what is asked for; undefined where it is to be begun now. */
  #recordOf(name: string, kind: SagaRecord['kind'], history: History): SagaRecord | undefined {
    const record = history.byName.get(name)
    if (record === undefined) this.#assertForward(name, history)
    else if (record.kind !== kind) throw this.#invalid(name, `it is on record as a ${record.kind}`)
    if (record === undefined && kind !== 'step') this.#hasRecords = true
    return record
  }

  #assertForward(name: string, { failure }: History): void {
    if (failure !== undefined) throw messagesSagaUnwinding({ saga: this.#options.saga, name })
  }

  #assertDuration(name: string, durationMs: number): void {
    if (durationMs >= 0 && durationMs <= pauseMsMax) return
    throw this.#invalid(name, `${durationMs} ms is not from 0 to 366 days`)
  }

  #decoded(name: string, schema: CompiledSchema, payload: string): unknown {
    const read = schema.decode(JSON.parse(payload))
    if (read.ok) return read.value
    throw this.#invalid(name, 'what was heard is not what its event declares')
  }

  #invalid(name: string, reason: string): Error {
    return messagesStepInvalid({ saga: this.#options.saga, name, reason })
  }

  #keysOf(place: string): KeyScope {
    const { key } = this.#options
    return new KeyScope(key === undefined ? undefined : `${key} ${place}`)
  }

  #load(): Promise<History> {
    this.#loading ??= this.#loadOnce()
    return this.#loading
  }

  async #loadOnce(): Promise<History> {
    const { records, cancelled } = this.#options
    const loaded = await records.load()
    let { failure } = loaded
    if (loaded.isCancelling) {
      failure ??= cancelled(loaded.records)
      await records.fail(failure)
    }
    this.#hasRecords = loaded.records.length > 0
    const byName = new Map(loaded.records.map((record) => [record.name, record]))
    this.#history = { byName, failure }
    return this.#history
  }
}
