import {
  type Contract,
  type Operation,
  type OperationKind,
  parseRoute,
  type Route,
  timeoutMsOf,
} from '../contract/index.ts'
import type { BanyanError, Context, Principal, World } from '../kernel/index.ts'
import type { CallOptions } from '../module/index.ts'
import { type Checked, type CompiledSchema, compileSchema } from '../schema/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { compileAccess } from './access.ts'
import type { CallTarget } from './call-target.ts'
import { copyChecked } from './checked.ts'
import {
  callCommandRefused,
  callInputInvalid,
  callKeyGuessable,
  callOutputInvalid,
  callOverloaded,
} from './errors.ts'
import type { FailureTable } from './failures.ts'
import type { HandlerContext } from './handler-context.ts'
import { issueTexts } from './issues.ts'
import type { CompiledOperation } from './operation.ts'

/** What the operations of one runtime share. */
export interface CallEnvironment {
  readonly world: World
  readonly telemetry: Telemetry
  readonly failures: FailureTable
  readonly inFlight: { count: number; readonly max: number }
}

/** What a caller asks of an operation. */
export interface Asked {
  /** Checked and copied. */
  readonly input: unknown
  /** The module that asks; undefined for a caller from outside, who is its principal. */
  readonly callerModule: string | undefined
  readonly idempotencyKey: string | undefined
  readonly timeoutMs: number
}

/** Anonymous callers share one scope of keys: what protects an answer is that nobody guesses its key. */
const anonymousKeyMin = 20

/** One compiled operation up to where its handler runs: what is checked of every caller, wherever that
 *  is. */
export abstract class Pipeline implements CompiledOperation, CallTarget {
  readonly id: string
  readonly module: string
  readonly name: string
  readonly declared: Operation
  readonly kind: OperationKind
  readonly route: Route | undefined
  readonly input: CompiledSchema
  readonly output: CompiledSchema
  readonly timeoutMs: number
  /** Codes of the failures that it declares. */
  readonly failureCodes: ReadonlySet<string>
  readonly authorize: (principal: Principal) => void
  /** The error for an input that the schema refused. */
  readonly inputError = (checked: Checked<unknown>): BanyanError =>
    callInputInvalid({ operation: this.id, issues: issueTexts(checked) })
  protected readonly outputError = (checked: Checked<unknown>): BanyanError =>
    callOutputInvalid({ operation: this.id, issues: issueTexts(checked) })
  protected readonly environment: CallEnvironment

  constructor(contract: Contract, name: string, environment: CallEnvironment) {
    const declared = contract.operations[name] as Operation
    this.id = `${contract.name}.${name}`
    this.module = contract.name
    this.name = name
    this.declared = declared
    this.kind = declared.kind
    this.route = declared.http === undefined ? undefined : parseRoute(declared.http, this.id)
    this.input = compileSchema(declared.input)
    this.output = compileSchema(declared.output)
    this.timeoutMs = timeoutMsOf(declared, this.id)
    const codes = (declared.failures ?? []).map((failure) => contract.failures[failure]?.code ?? '')
    this.failureCodes = new Set(codes)
    this.authorize = compileAccess(this.id, declared.access)
    this.environment = environment
  }

  /** Runs it as `asked` within `parent`. */
  protected abstract run(parent: Context, asked: Asked): Promise<unknown>

  /** Runs the operation for a caller from outside; see `CompiledOperation`. */
  invoke(input: unknown, parent: Context): Promise<unknown> {
    const { idempotencyKey, principal } = parent
    const isAnonymous = principal.subject === ''
    if (isAnonymous && idempotencyKey !== undefined && idempotencyKey.length < anonymousKeyMin) {
      return Promise.reject(callKeyGuessable({ operation: this.id, lengthMin: anonymousKeyMin }))
    }
    const { timeoutMs } = this
    return this.admit(parent, { input, callerModule: undefined, idempotencyKey, timeoutMs })
  }

  /** Runs the operation for another module: checks and copies the input first. */
  callFrom(
    caller: HandlerContext,
    input: unknown,
    options: CallOptions | undefined,
  ): Promise<unknown> {
    const { id, kind } = caller.work
    if (kind === 'query' && this.kind === 'command') {
      return Promise.reject(callCommandRefused({ query: id, command: this.id }))
    }
    let copied: unknown
    try {
      copied = copyChecked(this.input, input, this.inputError)
    } catch (error) {
      return Promise.reject(error as BanyanError)
    }
    return this.run(caller, {
      input: copied,
      callerModule: caller.module,
      idempotencyKey:
        options?.idempotencyKey ??
        (this.kind === 'command' ? caller.nextNestedKey(this.id) : undefined),
      timeoutMs: lowered(this.timeoutMs, options?.timeoutMs),
    })
  }

  encodeInput(input: unknown): string {
    return this.input.encode(input)
  }

  /** Runs what enters this instance, unless too much is in flight.
   *  @throws CALL_OVERLOADED, as a rejection */
  protected admit(parent: Context, asked: Asked): Promise<unknown> {
    const { inFlight } = this.environment
    if (inFlight.count >= inFlight.max) {
      return Promise.reject(callOverloaded({ limit: inFlight.max }))
    }
    inFlight.count++
    const promise = this.run(parent, asked)
    const leave = (): void => void inFlight.count--
    promise.then(leave, leave)
    return promise
  }
}

/** A timeout that its caller may lower; what is no number changes nothing. */
export function lowered(timeoutMs: number, asked: number | undefined): number {
  return asked !== undefined && asked < timeoutMs ? asked : timeoutMs
}
