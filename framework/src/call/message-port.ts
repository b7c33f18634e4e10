import type { EnqueueOptions, Job } from '../module/index.ts'
import type { HandlerContext } from './handler-context.ts'

/** What a context needs of the messages room: one module's outbox. */
export interface MessagePort {
  /** Made for each attempt of a transaction of `context`: gives its handle `publish` and `enqueue`. */
  companionOf(context: HandlerContext): object
  /** Adds a job outside of any transaction. */
  enqueue(
    context: HandlerContext,
    request: {
      readonly job: Job
      readonly input: unknown
      readonly options: EnqueueOptions
    },
  ): Promise<string>
}
