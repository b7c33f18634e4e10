import type { Context } from '../kernel/index.ts'
import type { EnqueueOptions, Job } from '../module/index.ts'

/** A context that can open a transaction of its module. */
export interface TransactingContext extends Context {
  transaction<Result>(work: (tx: never) => Promise<Result>): Promise<Result>
}

/** What a context needs of the messages room: one module's outbox. */
export interface MessagePort {
  /** Made for each attempt of a transaction of `context`: gives its handle `publish` and `enqueue`. */
  companionOf(context: Context): object
  /** Adds a job outside of any transaction. */
  enqueue(
    context: TransactingContext,
    request: {
      readonly job: Job
      readonly input: unknown
      readonly options: EnqueueOptions
    },
  ): Promise<string>
}
