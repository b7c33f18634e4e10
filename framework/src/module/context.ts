import type { z } from 'zod'
import type { CallerInput, CallerOutput, Operation } from '../contract/index.ts'
import type { Clock, Ids, Principal, Random, Trace } from '../kernel/index.ts'
import type { ReaderOf, WriterOf } from './data-source.ts'
import type { FileReader, Files } from './files.ts'
import type { Job } from './job.ts'
import type { EnqueueOptions, Outbox } from './outbox.ts'

/** Options of one call to another module. */
export interface CallOptions {
  /** Makes the command repeatable: the same key gives the same answer. In a command that has a key
   *  itself, nested commands get keys derived from it unless one is given here. */
  readonly idempotencyKey?: string
  /** Lowers the operation's timeout for this call; it never raises it. */
  readonly timeoutMs?: number
}

/** The operations of one contract as functions. */
export type ContractCalls<C extends AnyContract> = {
  readonly [Name in keyof C['operations']]: (
    input: CallerInput<C['operations'][Name]>,
    options?: CallOptions,
  ) => Promise<CallerOutput<C['operations'][Name]>>
}

/** `ctx.call`: the used modules by name. */
export type Calls<Uses extends readonly AnyContract[]> = {
  readonly [C in Uses[number] as C['name']]: ContractCalls<C>
}

/** The queries of one contract as functions. */
export type ContractQueries<C extends AnyContract> = {
  readonly [Name in keyof C['operations'] as C['operations'][Name]['kind'] extends 'query'
    ? Name
    : never]: (
    input: CallerInput<C['operations'][Name]>,
    options?: CallOptions,
  ) => Promise<CallerOutput<C['operations'][Name]>>
}

/** `ctx.call` of a query: what it may ask of the used modules, by name. */
export type QueryCalls<Uses extends readonly AnyContract[]> = {
  readonly [C in Uses[number] as C['name']]: ContractQueries<C>
}

/** Any contract, for constraints. */
export interface AnyContract {
  readonly name: string
  readonly failures: object
  readonly operations: Readonly<Record<string, Operation>>
  readonly events: object
}

/** A logger: NDJSON with pino's field names; the trace id is added. */
export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

export type LogFields = Readonly<Record<string, unknown>>

/** What every handler may consult. There is no other way to reach the world. */
export interface BaseContext<Config> {
  readonly config: Config
  readonly principal: Principal
  readonly trace: Trace
  /** Fires when the deadline passes or the caller gives up. */
  readonly signal: AbortSignal
  /** Milliseconds left of the deadline. */
  readonly remainingMs: number
  readonly idempotencyKey: string | undefined
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
  readonly log: Log
  /** The global `fetch` within the deadline, traced, its cancellation wired to `signal`.
   *  @throws CALL_FETCH_REFUSED (nothing was sent) · CALL_FETCH_UNKNOWN (it may have happened) */
  fetch(url: string, init?: RequestInit): Promise<Response>
}

/** The context of a query: it reads, and by type cannot write, also not through other modules. */
export interface QueryContext<Source, Uses extends readonly AnyContract[], Config>
  extends BaseContext<Config> {
  readonly call: QueryCalls<Uses>
  readonly db: ReaderOf<Source>
  /** The files of this module, to be read. */
  readonly files: FileReader
}

/** The context of a command. */
export interface CommandContext<Source, Uses extends readonly AnyContract[], Config>
  extends BaseContext<Config> {
  readonly call: Calls<Uses>
  /** The files of this module. */
  readonly files: Files
  /** Runs `work` in one transaction on the primary (READ COMMITTED unless asked otherwise), again
   *  from its start on serialization failures and deadlocks while the deadline allows.
   *  Under an idempotency key the transaction happens once: its result (plain data) is recorded with
   *  it, and a repetition of the command returns the recorded result without running `work`.
   *  Transactions are known by their order: the n-th of a repetition is answered with the n-th that
   *  was recorded, so begin them in an order that only the input and earlier results decide.
   *  They do not nest.
   *  @throws DATA_UNAVAILABLE · DATA_OUTCOME_UNKNOWN · DATA_IDEMPOTENCY_MISMATCH · … */
  transaction<Result>(
    work: (tx: WriterOf<Source> & Outbox) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>
  /** Adds a job of this module outside of any transaction; those of concurrent callers travel
   *  together. Under an idempotency key a repetition of the command adds it once.
   *  @returns its id
   *  @throws as `tx.enqueue`, and DATA_UNAVAILABLE · DATA_OUTCOME_UNKNOWN */
  enqueue<Input extends z.ZodType>(
    job: Job<Input>,
    input: z.input<Input>,
    options?: EnqueueOptions,
  ): Promise<string>
  /** Passes a named fault point; free unless a test armed it. */
  faultPoint(name: string): Promise<void>
  /** Signs an access token. Requires the module's grant `'issueToken'`. */
  issueToken(principal: Principal, lifetimeMs: number): string
}

/** How a transaction runs. */
export interface TransactionOptions {
  /** READ COMMITTED unless given. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable'
  /** False leaves the transaction out of what an idempotency key records: a repetition of the command
   *  runs it again. For work that must see its rows as they are now and is harmless when done twice,
   *  such as a saga that is taken up again. True unless given. */
  readonly recorded?: boolean
}
