import { asBanyanError, type BanyanError, Context } from '../kernel/index.ts'
import type { CompiledCalls } from './calls.ts'
import { decodeChecked } from './checked.ts'
import { callCallerGone, callInputInvalid, callNotHosted } from './errors.ts'
import { LocalOperation } from './local-operation.ts'
import type { IncomingCall, ReceivedCall, Receiver, ReplySink } from './receiver.ts'
import { encodeError } from './wire-error.ts'

/** Runs calls that arrive from other instances, as if their caller were here: access where the edge
 *  has not judged it, admission, the input decoded and checked, what is left of the deadline,
 *  cancellation when the caller goes. */
export function createReceiver(calls: CompiledCalls): Receiver {
  return {
    receive(call, sink) {
      const context = contextOf(calls, call)
      void run(calls, call, { context, sink })
      return new Received(call.operation, context)
    },
  }
}

class Received implements ReceivedCall {
  readonly #operation: string
  readonly #context: Context

  constructor(operation: string, context: Context) {
    this.#operation = operation
    this.#context = context
  }

  cancel(): void {
    this.#context.cancel(callCallerGone({ operation: this.#operation }))
  }
}

async function run(
  calls: CompiledCalls,
  call: IncomingCall,
  { context, sink }: { readonly context: Context; readonly sink: ReplySink },
): Promise<void> {
  let output: string
  try {
    const operation = calls.operations.get(call.operation)
    if (!(operation instanceof LocalOperation)) {
      throw callNotHosted({ operation: call.operation })
    }
    output = operation.output.encode(await perform(operation, call, context))
  } catch (error) {
    const coded = asBanyanError(error)
    return sink.failed(encodeError(coded, calls.failures), coded.kind)
  }
  sink.answered(output)
}

function perform(
  operation: LocalOperation,
  call: IncomingCall,
  context: Context,
): Promise<unknown> {
  const { callerModule, isAuthorized, principal } = call
  if (callerModule === undefined && !isAuthorized) operation.authorize(principal)
  const input = decodeChecked(operation.input, parse(operation, call.input), operation.inputError)
  return callerModule === undefined
    ? operation.invoke(input, context)
    : operation.receive(input, context, callerModule)
}

function parse(operation: LocalOperation, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed(operation.id)
  }
}

function malformed(operation: string): BanyanError {
  const issues = [{ path: '', code: 'malformed', message: 'is not JSON' }]
  return callInputInvalid({ operation, issues })
}

function contextOf({ world, deadlines }: CompiledCalls, call: IncomingCall): Context {
  const { principal, trace, idempotencyKey, criticality, token, timeoutMs } = call
  return new Context({
    ...{ world, deadlines, principal, trace, idempotencyKey, criticality, token },
    deadlineMs: world.clock.monotonicMs() + timeoutMs,
  })
}
