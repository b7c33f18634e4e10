import type { Contract } from '../contract/index.ts'
import {
  asBanyanError,
  type BanyanError,
  Context,
  type ContextOptions,
  type Trace,
} from '../kernel/index.ts'
import { type Span, spanKind, type SpanName } from '../telemetry/index.ts'
import { CallRecord } from './call-record.ts'
import { decodeChecked } from './checked.ts'
import { callDeadlineExceeded, callOutcomeUnknown } from './errors.ts'
import { type Asked, type CallEnvironment, Pipeline } from './pipeline.ts'
import type { OutgoingCall, Sender } from './sender.ts'
import { decodeError } from './wire-error.ts'

/** One operation whose handler runs in another instance: the same checks, then the road. A command
 *  without a key is given one here, so that sending it again is always legal. */
export class RemoteOperation extends Pipeline {
  readonly #sender: Sender
  readonly #spanName: SpanName
  readonly #record: CallRecord

  constructor(
    contract: Contract,
    name: string,
    parts: { readonly sender: Sender; readonly environment: CallEnvironment },
  ) {
    super(contract, name, parts.environment)
    this.#sender = parts.sender
    const { tracer, metrics } = parts.environment.telemetry
    this.#spanName = tracer.name(this.id)
    this.#record = new CallRecord(metrics, this, 'remote')
  }

  protected override run(parent: Context, asked: Asked): Promise<unknown> {
    const { world, telemetry } = this.environment
    const startMs = world.clock.monotonicMs()
    const span = telemetry.tracer.start(this.#spanName, spanKind.client, parent.trace, startMs)
    return new Promise((resolve, reject) => {
      const call = new RemoteCall(this, {
        ...{ world, deadlines: parent.deadlines, principal: parent.principal, token: parent.token },
        deadlineMs: Math.min(parent.deadlineMs, startMs + asked.timeoutMs),
        trace: span,
        idempotencyKey:
          asked.idempotencyKey ?? (this.kind === 'command' ? world.ids.next() : undefined),
        criticality: this.declared.criticality ?? parent.criticality,
        callerModule: asked.callerModule,
        input: this.input.encode(asked.input),
        settle: { span, startMs, resolve, reject },
      })
      call.enter(parent, call.onCancel)
      if (parent.cancelled !== undefined) return call.onCancel(parent.cancelled)
      if (call.deadlineMs <= startMs) return call.expire()
      this.#sender.send(call)
    })
  }

  /** What an answer says. @throws CALL_OUTPUT_INVALID */
  decodeOutput(output: string): unknown {
    return decodeChecked(this.output, parseOutput(output), this.outputError)
  }

  decodeFailure(error: string): BanyanError {
    return decodeError(error, this.id, this.environment.failures)
  }

  cancel(call: OutgoingCall): void {
    this.#sender.cancel(call)
  }

  recordSuccess(span: Span, startMs: number): void {
    const endMs = this.environment.world.clock.monotonicMs()
    span.end('', 0, endMs)
    this.#record.succeeded(endMs - startMs)
  }

  recordFailure(span: Span, startMs: number, code: string): void {
    const endMs = this.environment.world.clock.monotonicMs()
    span.end(code, 0, endMs)
    this.#record.failed(code, endMs - startMs)
  }
}

interface RemoteRequest extends ContextOptions {
  readonly callerModule: string | undefined
  readonly input: string
  readonly settle: Settle
}

interface Settle {
  readonly span: Span
  readonly startMs: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: BanyanError) => void
}

/** One call on the road: a context below its caller's, and what the carrier reads and answers. */
class RemoteCall extends Context implements OutgoingCall {
  declare readonly trace: Trace
  readonly callerModule: string | undefined
  /** The edge judges access before it calls; modules have none to judge. */
  readonly isAuthorized = true
  readonly input: string
  senderSlot = -1
  readonly #operation: RemoteOperation
  readonly #settle: Settle
  #isSettled = false

  constructor(operation: RemoteOperation, request: RemoteRequest) {
    super(request)
    this.#operation = operation
    this.callerModule = request.callerModule
    this.input = request.input
    this.#settle = request.settle
  }

  get operation(): string {
    return this.#operation.id
  }

  get module(): string {
    return this.#operation.module
  }

  get isCommand(): boolean {
    return this.#operation.kind === 'command'
  }

  get timeoutMs(): number {
    return this.#operation.timeoutMs
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  answered(output: string): void {
    if (this.#isSettled) return
    let value: unknown
    try {
      value = this.#operation.decodeOutput(output)
    } catch (error) {
      return this.lost(asBanyanError(error))
    }
    this.#isSettled = true
    this.leave()
    const { span, startMs, resolve } = this.#settle
    this.#operation.recordSuccess(span, startMs)
    resolve(value)
  }

  failed(error: string): void {
    if (!this.#isSettled) this.lost(this.#operation.decodeFailure(error))
  }

  lost(error: BanyanError): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.leave()
    const { span, startMs, reject } = this.#settle
    this.#operation.recordFailure(span, startMs, error.code)
    reject(error)
  }

  /** The caller has gone, or the deadline has passed. */
  readonly onCancel = (reason: BanyanError): void => {
    if (this.#isSettled) return
    this.lost(reason)
    this.#operation.cancel(this)
  }

  override expire(): void {
    const { id, timeoutMs } = this.#operation
    const details = { operation: id, timeoutMs }
    this.cancel(this.isCommand ? callOutcomeUnknown(details) : callDeadlineExceeded(details))
  }
}

function parseOutput(output: string): unknown {
  try {
    return JSON.parse(output)
  } catch {
    return undefined
  }
}
