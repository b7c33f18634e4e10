import { parseDurationMs } from '../kernel/index.ts'
import type {
  Application,
  Job,
  JobHandler,
  Module,
  Subscription,
  SubscriptionOptions,
} from '../module/index.ts'
import { type CompiledSchema, compileSchema } from '../schema/index.ts'

/** One kind of work of a module: a job, or what it does about one event. Fixed at boot. */
export interface Queue {
  readonly module: string
  /** `jobs.sendConfirmation`, `on.orders.paid`: unique in the module. */
  readonly name: string
  /** `notifications.jobs.sendConfirmation`, `notifications.on.orders.paid`: in logs, spans, claims. */
  readonly id: string
  /** What carries it: the event's name, or the job's id. */
  readonly topic: string
  readonly version: number
  readonly payload: CompiledSchema
  readonly timeoutMs: number
  readonly attemptsMax: number
  readonly retry: { readonly firstMs: number; readonly maxMs: number }
  readonly priority: number
  readonly concurrencyMax: number | undefined
  readonly rate: { readonly count: number; readonly perMs: number } | undefined
  /** Messages that one run takes; undefined: one, not as a list. */
  readonly batchMax: number | undefined
  run(input: unknown, context: unknown): Promise<unknown>
  /** What goes on with sagas that began under older versions. */
  readonly versions: ReadonlyMap<number, Queue['run']>
}

const defaults = {
  timeoutMs: 30_000,
  attemptsMax: 12,
  retry: { firstMs: 1_000, maxMs: 3_600_000 },
} as const

/** The queues of one module. */
export function queuesOf({ contract, jobs, subscriptions }: Module): readonly Queue[] {
  const { name } = contract
  return [
    ...jobs.map((handler) => jobQueue(name, handler)),
    ...subscriptions.flatMap((subscription) => eventQueue(name, subscription)),
  ]
}

/** The events that sagas of a module may wait for, by name. */
export function awaitedBy({ subscriptions }: Module): ReadonlyMap<string, CompiledSchema> {
  return new Map(
    subscriptions
      .filter(({ isAwaited }) => isAwaited === true)
      .map(({ event }) => [event.name, compileSchema(event.payload)]),
  )
}

/** The code for a message of this version; undefined where a job does not have it. Consumers of events read
 *  any version, and batches have no steps that could change. */
export function runOf(queue: Queue, version: number): Queue['run'] | undefined {
  const isAny = queue.batchMax !== undefined || queue.name.startsWith('on.')
  return isAny || version === queue.version ? queue.run : queue.versions.get(version)
}

/** The topics that modules of the application publish: all events, and all jobs. */
export function topicsOf({ modules }: Application): readonly string[] {
  return modules.flatMap(({ contract, jobs }) => [
    ...Object.values(contract.events).map(({ name }) => name),
    ...jobs.map(({ job }) => jobTopic(contract.name, job)),
  ])
}

export function jobTopic(module: string, job: Job): string {
  return `${module}.jobs.${job.name}`
}

function jobQueue(module: string, handler: JobHandler<unknown>): Queue {
  const { job, batchMax, run, versions } = handler
  return {
    ...policyOf(job),
    module,
    name: `jobs.${job.name}`,
    id: jobTopic(module, job),
    topic: jobTopic(module, job),
    version: job.version ?? 1,
    payload: compileSchema(job.input),
    priority: job.priority ?? 0,
    rate: job.rate,
    batchMax,
    run: run as Queue['run'],
    versions: versions as Queue['versions'],
  }
}

/** None for an event that is only awaited. */
function eventQueue(module: string, subscription: Subscription<unknown>): Queue[] {
  const { event, run } = subscription
  if (run === undefined) return []
  const queue = {
    ...policyOf(subscription),
    module,
    name: `on.${event.name}`,
    id: `${module}.on.${event.name}`,
    topic: event.name,
    version: event.version,
    payload: compileSchema(event.payload),
    priority: 0,
    rate: undefined,
    batchMax: undefined,
    run: run as Queue['run'],
    versions: new Map(),
  }
  return [queue]
}

function policyOf(
  options: SubscriptionOptions,
): Pick<Queue, 'timeoutMs' | 'attemptsMax' | 'retry' | 'concurrencyMax'> {
  return {
    timeoutMs: parseDurationMs(options.timeout ?? defaults.timeoutMs),
    attemptsMax: options.attemptsMax ?? defaults.attemptsMax,
    retry: { ...defaults.retry, ...options.retry },
    concurrencyMax: options.concurrencyMax,
  }
}
