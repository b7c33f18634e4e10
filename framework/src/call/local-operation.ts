import { asBanyanError, type BanyanError, type Context } from '../kernel/index.ts'
import type { Module, UntypedHandler } from '../module/index.ts'
import { spanKind, type SpanName } from '../telemetry/index.ts'
import { CallRecord } from './call-record.ts'
import { copyChecked } from './checked.ts'
import { concludeError, withoutInternals } from './failures.ts'
import { HandlerContext, type ModuleBinding } from './handler-context.ts'
import { type Asked, type CallEnvironment, Pipeline } from './pipeline.ts'
import type { Work } from './work.ts'

/** One operation whose handler runs in this process: the compiled pipeline. */
export class LocalOperation extends Pipeline implements Work {
  readonly #handler: UntypedHandler
  readonly #place: { readonly binding: ModuleBinding; readonly work: Work }
  readonly #spanName: SpanName
  readonly #record: CallRecord

  constructor(
    module: Module,
    name: string,
    parts: { readonly binding: ModuleBinding; readonly environment: CallEnvironment },
  ) {
    const { contract } = module
    super(contract, name, parts.environment)
    this.#handler = module.handlers[name] as UntypedHandler
    this.#place = { binding: parts.binding, work: this }
    const { tracer, metrics } = parts.environment.telemetry
    this.#spanName = tracer.name(this.id)
    this.#record = new CallRecord(metrics, this, 'local')
  }

  /** Runs the operation for a module in another instance. Requires: `input` is what `this.input`
   *  decoded.
   *  @throws CALL_OVERLOADED, the operation's declared failures, or a platform error */
  receive(input: unknown, parent: Context, callerModule: string): Promise<unknown> {
    const { timeoutMs } = this
    return this.admit(parent, {
      input,
      callerModule,
      idempotencyKey: parent.idempotencyKey,
      timeoutMs,
    })
  }

  protected override run(parent: Context, asked: Asked): Promise<unknown> {
    const { world, telemetry } = this.environment
    const startMs = world.clock.monotonicMs()
    const span = telemetry.tracer.start(this.#spanName, spanKind.internal, parent.trace, startMs)
    const context = new HandlerContext(
      {
        world,
        deadlines: parent.deadlines,
        deadlineMs: Math.min(parent.deadlineMs, startMs + asked.timeoutMs),
        principal: parent.principal,
        trace: span,
        idempotencyKey: asked.idempotencyKey,
        criticality: this.declared.criticality ?? parent.criticality,
        token: parent.token,
      },
      this.#place,
      asked,
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
        this.#record.failed(concluded.code, endMs - startMs)
        reject(withoutInternals(concluded))
      }
      const succeed = (value: unknown): void => {
        if (isSettled) return
        let copied: unknown
        try {
          copied = copyChecked(this.output, value, this.outputError)
        } catch (error) {
          return fail(error)
        }
        isSettled = true
        context.leave()
        const endMs = world.clock.monotonicMs()
        span.end('', 0, endMs)
        this.#record.succeeded(endMs - startMs)
        resolve(copied)
      }
      context.enter(parent, fail)
      if (parent.cancelled !== undefined) return fail(parent.cancelled)
      if (context.deadlineMs <= startMs) return context.expire()
      try {
        const result = this.#handler(asked.input, context)
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
      const { logs } = this.environment.telemetry
      const fields = { operation: this.id, code: concluded.code, err: concluded }
      logs.log('error', fields, concluded.message, context.trace)
    }
    return concluded
  }

  /** Never throws: the caller waits for what comes of it. */
  #explain(error: unknown): BanyanError {
    try {
      return concludeError(error, this, this.environment.failures)
    } catch (secondary) {
      return asBanyanError(secondary)
    }
  }
}
