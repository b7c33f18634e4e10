import { HandlerContext, type KeyScope } from '../call/index.ts'
import type { Event, NamedEvent } from '../contract/index.ts'
import type { CurrentMessage } from '../module/index.ts'
import { LeaseFence } from './lease-fence.ts'
import type { LeasedMessage } from './leased-message.ts'
import type { Queue } from './queue.ts'
import { openSaga, type SagaPlace } from './saga/open-saga.ts'
import type { SagaFailure } from './saga/saga-records.ts'
import type { SagaPause, SagaRun } from './saga/saga-run.ts'
import { StepScope } from './saga/step-scope.ts'

/** Which message a context belongs to. */
export interface MessagePlace {
  readonly queue: Queue
  readonly leased: LeasedMessage
  readonly leaseMs: number
  /** False only in negative controls, and for batches. */
  readonly isFenced: boolean
  /** Undefined for batches: they have no steps. */
  readonly saga: SagaPlace | undefined
}

/** How the code of a message has ended. */
export interface RunEnding {
  /** It goes on later. */
  readonly pause?: SagaPause
  /** It had failed for this before, and is undone now. */
  readonly undone?: SagaFailure
}

/** The context of work on a message. Its transactions are fenced: each begins with a look whether the
 *  message is still held, and keeps it held until it ends. */
export class MessageHandlerContext extends HandlerContext {
  readonly message: CurrentMessage
  readonly #place: MessagePlace
  /** What was said last of its progress, until it is written with the next extension of the lease. */
  said: { readonly fraction: number; readonly note: string | undefined } | undefined
  #saga: SagaRun | undefined
  #pause: ((ending: RunEnding) => void) | undefined

  constructor(given: ConstructorParameters<typeof HandlerContext>, place: MessagePlace) {
    super(...given)
    const { queue, leased } = place
    this.#place = place
    this.message = {
      id: leased.id,
      name: queue.topic,
      version: leased.version,
      key: leased.key,
      attempt: leased.attempts + 1,
      createdAtMs: leased.createdAtMs,
    }
  }

  progress(fraction: number, note?: string): void {
    const bounded = Math.min(1, Math.max(0, Number.isNaN(fraction) ? 0 : fraction))
    this.said = { fraction: bounded, note: note?.slice(0, 500).replaceAll('\0', '') }
  }

  async step<Result>(
    name: string,
    run: () => Promise<Result>,
    options?: { readonly undo?: (result: Result) => Promise<void> },
  ): Promise<Result> {
    return this.#opened().step(name, run, options)
  }

  async sleep(name: string, durationMs: number): Promise<void> {
    return this.#opened().sleep(name, durationMs)
  }

  async waitFor(
    name: string,
    event: NamedEvent<Event>,
    options: { readonly key: string; readonly timeoutMs: number },
  ): Promise<unknown> {
    return this.#opened().waitFor(name, event, options)
  }

  /** Its saga, once its code has asked for something. */
  get saga(): SagaRun | undefined {
    return this.#saga
  }

  /** Runs the code of the message until it ends or its saga pauses; what has failed before is then undone.
   *  @throws what the code threw, or the undoing */
  async perform(run: () => Promise<unknown>): Promise<RunEnding> {
    let thrown: { readonly error: unknown } | undefined
    let ending: RunEnding = {}
    try {
      ending = await this.#untilPaused(run)
    } catch (error) {
      thrown = { error }
    }
    const saga = this.#saga
    await saga?.end()
    const undone = saga?.failure
    if (saga !== undefined && undone !== undefined) {
      await saga.unwind(thrown?.error)
      return { undone }
    }
    if (thrown !== undefined) throw thrown.error
    return ending
  }

  protected override get keyScope(): KeyScope {
    const step = this.#saga === undefined ? undefined : StepScope.of(this)
    return step?.keys ?? super.keyScope
  }

  #untilPaused(run: () => Promise<unknown>): Promise<RunEnding> {
    return new Promise((resolve, reject) => {
      this.#pause = resolve
      run().then(() => resolve({}), reject)
    })
  }

  #opened(): SagaRun {
    this.#saga ??= openSaga(this, this.#place, {
      misplaced: () => {
        if (this.isInTransaction) return 'it is asked for inside of a transaction'
        return StepScope.of(this) === undefined ? undefined : 'it is asked for inside of a step'
      },
      paused: (pause) => this.#pause?.({ pause }),
    })
    return this.#saga
  }

  /** What ties one of its transactions to the lease. */
  fence(): LeaseFence | undefined {
    const { queue, leased, leaseMs, isFenced } = this.#place
    if (!isFenced) return undefined
    return new LeaseFence(leased, { queue: queue.id, clock: this.world.clock, leaseMs })
  }
}
