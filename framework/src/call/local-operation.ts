import {
  type Operation,
  type OperationKind,
  parseRoute,
  type Route,
  timeoutMsOf,
} from '../contract/index.ts'
import { type Checked, type CompiledSchema, compileSchema } from '../schema/index.ts'
import {
  asBanyanError,
  type BanyanError,
  type Context,
  type Principal,
  type World,
} from '../kernel/index.ts'
import type { CallOptions, Module, UntypedHandler } from '../module/index.ts'
import {
  type Counter,
  type Histogram,
  spanKind,
  type SpanName,
  type Telemetry,
} from '../telemetry/index.ts'
import { compileAccess } from './access.ts'
import { copyChecked } from './checked.ts'
import {
  callCommandRefused,
  callInputInvalid,
  callKeyGuessable,
  callOutputInvalid,
  callOverloaded,
} from './errors.ts'
import { concludeError, type FailureTable, withoutInternals } from './failures.ts'
import { HandlerContext, type ModuleBinding } from './handler-context.ts'
import { issueTexts } from './issues.ts'
import type { CompiledOperation } from './operation.ts'
import type { CallTarget } from './call-target.ts'
import type { Work, WorkRequest } from './work.ts'

/** What the operations of one runtime share. */
export interface CallEnvironment {
  readonly world: World
  readonly telemetry: Telemetry
  readonly failures: FailureTable
  readonly inFlight: { count: number; readonly max: number }
}

/** Anonymous callers share one scope of keys: what protects an answer is that nobody guesses its key. */
const anonymousKeyMin = 20

/** One operation whose handler runs in this process: the compiled pipeline. */
export class LocalOperation implements CompiledOperation, Work, CallTarget {
  readonly id: string
  readonly module: string
  readonly name: string
  readonly declared: Operation
  readonly kind: OperationKind
  readonly route: Route | undefined
  readonly input: CompiledSchema
  readonly output: CompiledSchema
  readonly timeoutMs: number
  readonly failureCodes: ReadonlySet<string>
  readonly authorize: (principal: Principal) => void
  /** The error for an input that the schema refused. */
  readonly inputError = (checked: Checked<unknown>): BanyanError =>
    callInputInvalid({ operation: this.id, issues: issueTexts(checked) })
  readonly #outputError = (checked: Checked<unknown>): BanyanError =>
    callOutputInvalid({ operation: this.id, issues: issueTexts(checked) })
  readonly #handler: UntypedHandler
  readonly #place: { readonly binding: ModuleBinding; readonly work: Work }
  readonly #environment: CallEnvironment
  readonly #spanName: SpanName
  readonly #duration: Histogram
  readonly #outcomes = new Map<string, Counter>()
  readonly #succeeded: Counter

  constructor(
    module: Module,
    name: string,
    parts: { readonly binding: ModuleBinding; readonly environment: CallEnvironment },
  ) {
    const { contract } = module
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
    this.#handler = module.handlers[name] as UntypedHandler
    this.#place = { binding: parts.binding, work: this }
    this.#environment = parts.environment
    const { tracer, metrics } = parts.environment.telemetry
    this.#spanName = tracer.name(this.id)
    const labels = { module: this.module, operation: name }
    const help = 'Duration of calls by operation.'
    this.#duration = metrics.histogram('banyan_call_duration_seconds', help, labels)
    this.#succeeded = this.#outcome('ok')
  }

  /** Runs the operation for a caller from outside; see `CompiledOperation`. */
  invoke(input: unknown, parent: Context): Promise<unknown> {
    const { inFlight } = this.#environment
    if (inFlight.count >= inFlight.max) {
      return Promise.reject(callOverloaded({ limit: inFlight.max }))
    }
    const { idempotencyKey, principal } = parent
    const isAnonymous = principal.subject === ''
    if (isAnonymous && idempotencyKey !== undefined && idempotencyKey.length < anonymousKeyMin) {
      return Promise.reject(callKeyGuessable({ operation: this.id, lengthMin: anonymousKeyMin }))
    }
    inFlight.count++
    const promise = this.#run(parent, {
      input,
      callerModule: undefined,
      idempotencyKey,
      timeoutMs: this.timeoutMs,
    })
    const leave = (): void => void inFlight.count--
    promise.then(leave, leave)
    return promise
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
    return this.#run(caller, {
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

  #run(parent: Context, request: WorkRequest): Promise<unknown> {
    const { world, telemetry } = this.#environment
    const startMs = world.clock.monotonicMs()
    const span = telemetry.tracer.start(this.#spanName, spanKind.internal, parent.trace, startMs)
    const context = new HandlerContext(
      {
        world,
        deadlines: parent.deadlines,
        deadlineMs: Math.min(parent.deadlineMs, startMs + request.timeoutMs),
        principal: parent.principal,
        trace: span,
        idempotencyKey: request.idempotencyKey,
        criticality: this.declared.criticality ?? parent.criticality,
        token: parent.token,
      },
      this.#place,
      request,
    )
    return new Promise((resolve, reject) => {
      let isSettled = false
      const fail = (error: unknown): void => {
        if (isSettled) return
        isSettled = true
        context.leave()
        const concluded = this.#conclude(error, context)
        const endMs = world.clock.monotonicMs()
        span.end(concluded.code, 0, endMs)
        this.#record(concluded.code, endMs - startMs)
        reject(withoutInternals(concluded))
      }
      const succeed = (value: unknown): void => {
        if (isSettled) return
        let copied: unknown
        try {
          copied = copyChecked(this.output, value, this.#outputError)
        } catch (error) {
          return fail(error)
        }
        isSettled = true
        context.leave()
        const endMs = world.clock.monotonicMs()
        span.end('', 0, endMs)
        this.#succeeded.add()
        this.#duration.observe((endMs - startMs) / 1_000)
        resolve(copied)
      }
      context.enter(parent, fail)
      if (parent.cancelled !== undefined) return fail(parent.cancelled)
      if (context.deadlineMs <= startMs) return context.expire()
      try {
        const result = this.#handler(request.input, context)
        if (result instanceof Promise) result.then(succeed, fail)
        else succeed(result)
      } catch (error) {
        fail(error)
      }
    })
  }

  #conclude(error: unknown, context: HandlerContext): BanyanError {
    const concluded = this.#explain(error)
    if (concluded.kind === 'bug') {
      const { logs } = this.#environment.telemetry
      const fields = { operation: this.id, code: concluded.code, err: concluded }
      logs.log('error', fields, concluded.message, context.trace)
    }
    return concluded
  }

  /** Never throws: the caller waits for what comes of it. */
  #explain(error: unknown): BanyanError {
    try {
      return concludeError(error, this, this.#environment.failures)
    } catch (secondary) {
      return asBanyanError(secondary)
    }
  }

  #record(code: string, durationMs: number): void {
    this.#outcome(code).add()
    this.#duration.observe(durationMs / 1_000)
  }

  #outcome(code: string): Counter {
    let counter = this.#outcomes.get(code)
    if (counter === undefined) {
      const labels = { module: this.module, operation: this.name, code }
      const { metrics } = this.#environment.telemetry
      counter = metrics.counter('banyan_calls_total', 'Calls by operation and outcome.', labels)
      this.#outcomes.set(code, counter)
    }
    return counter
  }
}

/** A timeout that its caller may lower; what is no number changes nothing. */
export function lowered(timeoutMs: number, asked: number | undefined): number {
  return asked !== undefined && asked < timeoutMs ? asked : timeoutMs
}
