import type { z } from 'zod'
import type { Event, NamedEvent } from '../contract/index.ts'
import { moduleJobInvalid } from './errors.ts'
import { assertPolicy, assertRange, type Job } from './job.ts'

/** What is done about the inputs of one job. */
export type Perform<Input, Context> = (input: Input, ctx: Context) => Promise<unknown>

/** What a module does when one of its jobs is due. */
export interface JobHandler<Context> {
  readonly job: Job
  /** Messages that one run may take; the run is then given a list. */
  readonly batchMax: number | undefined
  readonly run: Perform<never, Context>
  /** What goes on with sagas that began under older versions of the job. */
  readonly versions: ReadonlyMap<number, Perform<never, Context>>
}

export interface PerformOptions<Input, Context> {
  /** The code of older versions of the job, for the sagas that began under them: `{ 1: performV1 }`. One
   *  whose version is not here waits for a process that has it, and says so to operators. */
  readonly versions?: Readonly<Record<number, Perform<Input, Context>>>
}

/** What a module does when it hears of an event. */
export interface Subscription<Context> extends SubscriptionOptions {
  readonly event: NamedEvent<Event>
  /** Undefined where the event is only awaited. */
  readonly run: Perform<never, Context> | undefined
}

/** How the events of one subscription are worked on; as for jobs. */
export interface SubscriptionOptions {
  readonly timeout?: string | number
  readonly attemptsMax?: number
  readonly retry?: { readonly firstMs?: number; readonly maxMs?: number }
  readonly concurrencyMax?: number
  /** Sagas of the module may wait for the event (`ctx.waitFor`): it is kept for them, for 7 days. False unless
   *  given. */
  readonly isAwaited?: boolean
}

/** Says what a job does. At least once: a run that fails or whose process dies is repeated; the
 *  transactions of `ctx` and the keyed calls it makes happen once all the same.
 *  @throws MODULE_JOB_INVALID */
export function perform<Input extends z.ZodType, Context>(
  job: Job<Input>,
  run: Perform<z.output<Input>, Context>,
  options: PerformOptions<z.output<Input>, Context> = {},
): JobHandler<Context> {
  return { job, batchMax: undefined, run, versions: versionsOf(job, options.versions ?? {}) }
}

/** Says what a job does, for many at once: up to `batchMax` (2 to 1,000) inputs are given to one run.
 *  When it fails, they are run again one by one, so that only what is to blame is parked. For cheap
 *  work whose effect is safe to repeat; its transactions are not known by message. */
export function performAll<Input extends z.ZodType, Context>(
  job: Job<Input>,
  batchMax: number,
  run: (inputs: readonly z.output<Input>[], ctx: Context) => Promise<unknown>,
): JobHandler<Context> {
  assertRange(job.name, ['batchMax', batchMax, 2, 1_000])
  return { job, batchMax, run, versions: new Map() }
}

/** Says what the module does when another one, or itself, publishes a fact. Once per event: the
 *  transactions of `ctx` happen once, and the keyed calls it makes. Events with one key come one after
 *  the other, in order; one that is parked after its attempts lets the next ones pass. */
export function on<Payload extends z.ZodType, Context>(
  event: NamedEvent<Event<Payload>>,
  run: Perform<z.output<Payload>, Context>,
  options: SubscriptionOptions = {},
): Subscription<Context> {
  assertPolicy(`on ${event.name}`, options)
  return { event: event as NamedEvent<Event>, run, ...options }
}

/** Says that sagas of the module wait for an event of another module, or of its own, and that nothing else
 *  is done about it. Where something is: `on(event, run, { isAwaited: true })`. */
export function awaited<Payload extends z.ZodType>(
  event: NamedEvent<Event<Payload>>,
): Subscription<unknown> {
  return { event: event as NamedEvent<Event>, run: undefined, isAwaited: true }
}

function versionsOf<Input extends z.ZodType, Context>(
  job: Job<Input>,
  versions: Readonly<Record<number, Perform<z.output<Input>, Context>>>,
): ReadonlyMap<number, Perform<never, Context>> {
  const { name, version = 1 } = job
  const numbered = Object.entries(versions).map(([text, run]) => [Number(text), run] as const)
  for (const [older] of numbered) {
    if (Number.isInteger(older) && older >= 1 && older < version) continue
    const reason = `it has code for version ${older}, which is not older than its version ${version}`
    throw moduleJobInvalid({ job: name, reason })
  }
  return new Map(numbered)
}

/** One thing that a module does about messages. */
export type MessageDeclaration = JobHandler<never> | Subscription<never>

/** How a module says what it does about messages; see `perform`, `performAll`, `on`, `awaited`. */
export interface MessageDeclarations<Context> {
  perform<Input extends z.ZodType>(
    job: Job<Input>,
    run: Perform<z.output<Input>, Context>,
    options?: PerformOptions<z.output<Input>, Context>,
  ): MessageDeclaration
  performAll<Input extends z.ZodType>(
    job: Job<Input>,
    batchMax: number,
    run: Perform<readonly z.output<Input>[], Context>,
  ): MessageDeclaration
  on<Payload extends z.ZodType>(
    event: NamedEvent<Event<Payload>>,
    run: Perform<z.output<Payload>, Context>,
    options?: SubscriptionOptions,
  ): MessageDeclaration
  awaited<Payload extends z.ZodType>(event: NamedEvent<Event<Payload>>): MessageDeclaration
}

export const messageDeclarations: MessageDeclarations<never> = { perform, performAll, on, awaited }
