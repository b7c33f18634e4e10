import type { z } from 'zod'
import type { Event, NamedEvent } from '../contract/index.ts'
import type { Job } from './job.ts'

/** What a module does when one of its jobs is due. */
export interface JobHandler<Context> {
  readonly job: Job
  /** Messages that one run may take; the run is then given a list. */
  readonly batchMax: number | undefined
  readonly run: (input: never, ctx: Context) => Promise<unknown>
}

/** What a module does when it hears of an event. */
export interface Subscription<Context> extends SubscriptionOptions {
  readonly event: NamedEvent<Event>
  readonly run: (payload: never, ctx: Context) => Promise<unknown>
}

/** How the events of one subscription are worked on; as for jobs. */
export interface SubscriptionOptions {
  readonly timeout?: string | number
  readonly attemptsMax?: number
  readonly retry?: { readonly firstMs?: number; readonly maxMs?: number }
  readonly concurrencyMax?: number
}

/** Says what a job does. At least once: a run that fails or whose process dies is repeated; the
 *  transactions of `ctx` and the keyed calls it makes happen once all the same. */
export function perform<Input extends z.ZodType, Context>(
  job: Job<Input>,
  run: (input: z.output<Input>, ctx: Context) => Promise<unknown>,
): JobHandler<Context> {
  return { job, batchMax: undefined, run }
}

/** Says what a job does, for many at once: up to `batchMax` (2 to 1,000) inputs are given to one run.
 *  When it fails, they are run again one by one, so that only what is to blame is parked. For cheap
 *  work whose effect is safe to repeat; its transactions are not known by message. */
export function performAll<Input extends z.ZodType, Context>(
  job: Job<Input>,
  batchMax: number,
  run: (inputs: readonly z.output<Input>[], ctx: Context) => Promise<unknown>,
): JobHandler<Context> {
  return { job, batchMax, run }
}

/** Says what the module does when another one, or itself, publishes a fact. Once per event: the
 *  transactions of `ctx` happen once, and the keyed calls it makes. Events with one key come one after
 *  the other, in order; one that is parked after its attempts lets the next ones pass. */
export function on<Payload extends z.ZodType, Context>(
  event: NamedEvent<Event<Payload>>,
  run: (payload: z.output<Payload>, ctx: Context) => Promise<unknown>,
  options: SubscriptionOptions = {},
): Subscription<Context> {
  return { event: event as NamedEvent<Event>, run, ...options }
}
