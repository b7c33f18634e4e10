import type { z } from 'zod'
import type { Event, NamedEvent } from '../contract/index.ts'
import type { Job } from './job.ts'

/** When and how one job is run; what is not given is the job's own. */
export interface EnqueueOptions {
  /** Not before so many milliseconds have passed, 0 to 366 days; counted by the database's clock. */
  readonly delayMs?: number
  /** −100 to 100, higher first. */
  readonly priority?: number
}

/** What a transaction can say to others: it is told if and when it commits. Nothing is sent before
 *  COMMIT; the rows travel with it, at no further round trip. */
export interface Outbox {
  /** Publishes a fact of the module's own contract. Every module that subscribed to it hears it at
   *  least once, and takes its effect once; those with one key are heard in the order of their commits
   *  where these are ordered by a lock on a row, as changes of one thing are.
   *  @throws MESSAGES_EVENT_FOREIGN · MESSAGES_PAYLOAD_INVALID · MESSAGES_PAYLOAD_TOO_LARGE (1 MiB) ·
   *    MESSAGES_KEY_INVALID · MESSAGES_TRANSACTION_FULL (10,000) */
  publish<Payload extends z.ZodType>(
    event: NamedEvent<Event<Payload>>,
    payload: z.input<Payload>,
  ): void
  /** Adds a job of this module.
   *  @returns its id, by which it can be looked at and cancelled. One whose `unique` text waits already
   *    is not added; its id is then unknown to the queue.
   *  @throws MESSAGES_JOB_UNKNOWN · MESSAGES_PAYLOAD_INVALID · MESSAGES_PAYLOAD_TOO_LARGE (1 MiB) ·
   *    MESSAGES_KEY_INVALID · MESSAGES_TRANSACTION_FULL (10,000) */
  enqueue<Input extends z.ZodType>(
    job: Job<Input>,
    input: z.input<Input>,
    options?: EnqueueOptions,
  ): string
}
