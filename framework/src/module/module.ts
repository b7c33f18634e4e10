import type { z } from 'zod'
import type { Contract, HandlerInput, HandlerOutput, Operation } from '../contract/index.ts'
import type { AnyContract, CommandContext, QueryContext } from './context.ts'
import { type Cron, type CronDeclaration, checkCrons } from './cron.ts'
import type { DataSource, NoDataSource } from './data-source.ts'
import {
  moduleHandlerMissing,
  moduleHandlerUnknown,
  moduleJobInvalid,
  moduleTablesMissing,
} from './errors.ts'
import type { MessageContext } from './message-context.ts'
import {
  type JobHandler,
  type MessageDeclaration,
  type MessageDeclarations,
  messageDeclarations,
  type Subscription,
} from './message-handlers.ts'

/** The handler of each declared operation: a plain function of `(input, ctx)`. */
export type Handlers<C extends AnyContract, Source, Uses extends readonly AnyContract[], Config> = {
  readonly [Name in keyof C['operations']]: (
    input: HandlerInput<C['operations'][Name]>,
    ctx: ContextOf<C['operations'][Name], Source, Uses, Config>,
  ) => HandlerOutput<C['operations'][Name]> | Promise<HandlerOutput<C['operations'][Name]>>
}

/** The context that an operation's kind grants. */
export type ContextOf<
  Op extends Operation,
  Source,
  Uses extends readonly AnyContract[],
  Config,
> = Op['kind'] extends 'query'
  ? QueryContext<Source, Uses, Config>
  : CommandContext<Source, Uses, Config>

/** Work that recurs in every instance, never twice at once in one. Instances do not agree on whose
 *  turn it is: the work claims its rows (`for update skip locked`), so that each is done once. */
export interface Schedule<Context> {
  /** Period, 100 ms to 7 d. */
  readonly every: string | number
  /** Longest run, 30 s unless given. */
  readonly timeout?: string | number
  run(ctx: Context): Promise<void>
}

/** What a module may ask for beyond its contract. */
export type Grant = 'issueToken' | 'mail'

export interface ModuleOptions<
  C extends AnyContract,
  Source extends DataSource,
  Uses extends readonly AnyContract[],
  Config extends z.ZodType,
> {
  /** The only modules it may call. */
  readonly uses?: Uses
  /** `tables<Rows>(new URL('./sql/', import.meta.url))`: its own schema, owned by its own role. */
  readonly tables?: Source
  /** Settings, read once from the environment as `<MODULE>_<FIELD>` and checked at boot. */
  readonly config?: Config
  readonly handlers: Handlers<C, Source, Uses, z.output<Config>>
  readonly schedules?: Readonly<
    Record<string, Schedule<CommandContext<Source, Uses, z.output<Config>>>>
  >
  /** Jobs by the calendar, each tick once in the whole fleet:
   *  `nightly: cron('0 3 * * *', { timeZone: 'Europe/Berlin', enqueue: reconcile, input: … })`. */
  readonly crons?: Readonly<Record<string, CronDeclaration>>
  /** What it does about messages: `({ perform, on }) => [perform(resize, async (input, ctx) => …),
   *  on(orders.events.paid, async (payload, ctx) => …)]`. A module that does anything about them has tables:
   *  that is where they wait. */
  messages?(
    declare: MessageDeclarations<MessageContext<Source, Uses, z.output<Config>>>,
  ): readonly MessageDeclaration[]
  /** Fills an empty database; called at every start in development, so it must look before it adds. */
  seed?(ctx: CommandContext<Source, Uses, z.output<Config>>): Promise<void>
  readonly grants?: readonly Grant[]
}

/** A declared module as the runtime sees it; its types have been checked where it was declared. */
export interface Module {
  readonly contract: Contract
  readonly uses: readonly Contract[]
  readonly tables: DataSource | undefined
  readonly config: z.ZodType | undefined
  readonly handlers: Readonly<Record<string, UntypedHandler>>
  readonly schedules: Readonly<Record<string, Schedule<unknown>>>
  readonly crons: readonly Cron[]
  readonly jobs: readonly JobHandler<unknown>[]
  readonly subscriptions: readonly Subscription<unknown>[]
  readonly seed: ((ctx: unknown) => Promise<void>) | undefined
  readonly grants: readonly Grant[]
}

export type UntypedHandler = (input: unknown, ctx: unknown) => unknown

/** Declares a module: the unit of ownership. Pure; nothing runs.
 *  @throws MODULE_HANDLER_MISSING · MODULE_HANDLER_UNKNOWN · MODULE_JOB_INVALID · MODULE_CRON_INVALID ·
 *    MODULE_TABLES_MISSING */
export function module<
  C extends AnyContract,
  Source extends DataSource = NoDataSource,
  const Uses extends readonly AnyContract[] = readonly [],
  Config extends z.ZodType = z.ZodType<Record<never, never>>,
>(contract: C, options: ModuleOptions<C, Source, Uses, Config>): Module {
  const handlers = options.handlers as Readonly<Record<string, UntypedHandler>>
  for (const name of Object.keys(contract.operations)) {
    if (!Object.hasOwn(handlers, name)) {
      throw moduleHandlerMissing({ operation: `${contract.name}.${name}` })
    }
  }
  for (const name of Object.keys(handlers)) {
    if (!Object.hasOwn(contract.operations, name)) {
      throw moduleHandlerUnknown({ operation: `${contract.name}.${name}` })
    }
  }
  const declared = options.messages?.(messageDeclarations as never) ?? []
  const jobs = declared.filter(isJob) as JobHandler<unknown>[]
  const subscriptions = declared.filter((one) => !isJob(one)) as Subscription<unknown>[]
  assertMessages(contract.name, { jobs, subscriptions, hasTables: options.tables !== undefined })
  return {
    contract: contract as Contract,
    uses: (options.uses ?? []) as readonly Contract[],
    tables: options.tables,
    config: options.config,
    handlers,
    schedules: (options.schedules ?? {}) as Readonly<Record<string, Schedule<unknown>>>,
    crons: checkCrons(contract.name, options.crons ?? {}, jobs),
    jobs,
    subscriptions,
    seed: options.seed as Module['seed'],
    grants: options.grants ?? [],
  }
}

function isJob(declared: MessageDeclaration): declared is JobHandler<never> {
  return 'job' in declared
}

function assertMessages(
  module: string,
  parts: Pick<Module, 'jobs' | 'subscriptions'> & { readonly hasTables: boolean },
): void {
  const { jobs, subscriptions, hasTables } = parts
  if (jobs.length + subscriptions.length > 0 && !hasTables) throw moduleTablesMissing({ module })
  assertOnce(
    jobs.map(({ job }) => `${module}.jobs.${job.name}`),
    'the module performs it twice',
  )
  assertOnce(
    subscriptions.map(({ event }) => `${module}.on.${event.name}`),
    'the module subscribes to it twice',
  )
}

function assertOnce(names: readonly string[], reason: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw moduleJobInvalid({ job: twice, reason })
}
