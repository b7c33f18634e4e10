import type { z } from 'zod'
import type { Criticality } from '../kernel/index.ts'

export type OperationKind = 'query' | 'command'

/** Who may call: anyone; only other modules; any proved caller; or callers with one of the roles. */
export type Access = 'public' | 'internal' | 'signed-in' | (string & {}) | readonly string[]

/** What an operation declares. Defaults are safe: 5 s for a query, 10 s for a command. */
export interface OperationOptions<
  In extends z.ZodType,
  Out extends z.ZodType,
  Failure extends string,
> {
  /** One sentence for the API reference. */
  readonly summary?: string
  readonly input: In
  readonly output: Out
  /** Required: what does not declare access does not boot. */
  readonly access: Access
  /** `'POST /reservations'`; path parameters are fields of the input; the other fields come from the
   *  query string (GET, DELETE) or the JSON body. Without it the operation is not public HTTP. */
  readonly http?: string
  /** HTTP status of a success, 200 unless given. */
  readonly status?: 200 | 201 | 202 | 204
  /** Names of the contract's failures that this operation may end with. */
  readonly failures?: readonly Failure[]
  /** Longest time an answer is worth waiting for, 1 ms to 10 min. */
  readonly timeout?: string | number
  /** `default` unless given. */
  readonly criticality?: Criticality
  /** Largest body of a request over HTTP, 1 KiB to 4 MiB, which is what a call between services carries;
   *  the listener's unless given. */
  readonly bodyBytesMax?: number
}

export interface CommandOptions<In extends z.ZodType, Out extends z.ZodType, Failure extends string>
  extends OperationOptions<In, Out, Failure> {
  /** `required`: over HTTP the command is refused without an Idempotency-Key. Default `optional`. */
  readonly idempotency?: 'optional' | 'required'
}

/** A declared operation, before a contract gives it its name. */
export interface Operation<
  Kind extends OperationKind = OperationKind,
  In extends z.ZodType = z.ZodType,
  Out extends z.ZodType = z.ZodType,
  Failure extends string = string,
> extends CommandOptions<In, Out, Failure> {
  readonly kind: Kind
}

/** Declares an operation that only reads: safe to repeat, and its handler cannot write. */
export function query<
  In extends z.ZodType,
  Out extends z.ZodType,
  const Failure extends string = never,
>(options: OperationOptions<In, Out, Failure>): Operation<'query', In, Out, Failure> {
  return { kind: 'query', ...options }
}

/** Declares an operation that changes something: it runs on the primary, and is repeated only under
 *  the same idempotency key. */
export function command<
  In extends z.ZodType,
  Out extends z.ZodType,
  const Failure extends string = never,
>(options: CommandOptions<In, Out, Failure>): Operation<'command', In, Out, Failure> {
  return { kind: 'command', ...options }
}

/** What a caller passes. */
export type CallerInput<Op extends Operation> =
  Op extends Operation<OperationKind, infer In, z.ZodType, string> ? z.input<In> : never
/** What a caller gets. */
export type CallerOutput<Op extends Operation> =
  Op extends Operation<OperationKind, z.ZodType, infer Out, string> ? z.output<Out> : never
/** What a handler is given. */
export type HandlerInput<Op extends Operation> =
  Op extends Operation<OperationKind, infer In, z.ZodType, string> ? z.output<In> : never
/** What a handler returns. */
export type HandlerOutput<Op extends Operation> =
  Op extends Operation<OperationKind, z.ZodType, infer Out, string> ? z.input<Out> : never
