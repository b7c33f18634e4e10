import { anonymous, Context, type Principal, type Trace } from '../kernel/index.ts'
import type { AnyContract, CallOptions, ContractCalls } from '../module/index.ts'
import { spanKind } from '../telemetry/index.ts'
import type { CompiledCalls } from './calls.ts'
import { copyChecked } from './checked.ts'
import { LocalOperation } from './local-operation.ts'
import { lowered, type Pipeline } from './pipeline.ts'
import { WireTarget } from './wire-target.ts'

export interface ExternalCallerOptions {
  readonly principal?: Principal
  /** Skips access rules: for the operator's own tools, never for requests. */
  readonly bypassAccess?: boolean
  readonly trace?: Trace
}

/** Calls operations from outside the modules, as one principal. */
export interface ExternalCaller {
  /** The operations of a contract as functions. */
  of<C extends AnyContract>(contract: C): ContractCalls<C>
  /** Calls `module.operation` by name; `input` is in domain form.
   *  @throws the operation's failures, CALL_* errors */
  call(id: string, input: unknown, options?: CallOptions): Promise<unknown>
}

/** A caller for tests, the command line and mounted modules; HTTP has its own. */
export function createExternalCaller(
  calls: CompiledCalls,
  options: ExternalCallerOptions = {},
): ExternalCaller {
  const call = (id: string, input: unknown, how?: CallOptions): Promise<unknown> => {
    const operation = calls.operations.get(id)
    if (operation === undefined) return Promise.reject(new Error(`no operation ${id}`))
    return callOnce(calls, operation, { input, how, options })
  }
  return {
    call,
    of<C extends AnyContract>(contract: C): ContractCalls<C> {
      const entries = Object.keys(contract.operations).map((name) => [
        name,
        (input: unknown, how?: CallOptions) => call(`${contract.name}.${name}`, input, how),
      ])
      return Object.fromEntries(entries) as ContractCalls<C>
    },
  }
}

async function callOnce(
  calls: CompiledCalls,
  operation: Pipeline,
  request: { input: unknown; how: CallOptions | undefined; options: ExternalCallerOptions },
): Promise<unknown> {
  const { how, options } = request
  const principal = options.principal ?? anonymous
  if (options.bypassAccess !== true) operation.authorize(principal)
  const isWire = calls.runner === 'wire' && operation instanceof LocalOperation
  const key =
    how?.idempotencyKey ??
    (isWire && operation.kind === 'command' ? calls.world.ids.next() : undefined)
  const run = (input: unknown): Promise<unknown> =>
    operation.invoke(
      input,
      rootContext(calls, operation, { principal, key, how, trace: options.trace }),
    )
  if (isWire) {
    return new WireTarget(operation, calls.world, calls.failures).exchange(request.input, run)
  }
  return run(copyChecked(operation.input, request.input, operation.inputError))
}

function rootContext(
  calls: CompiledCalls,
  operation: Pipeline,
  request: {
    readonly principal: Principal
    readonly key: string | undefined
    readonly how: CallOptions | undefined
    readonly trace: Trace | undefined
  },
): Context {
  const { world, telemetry, deadlines } = calls
  const timeoutMs = lowered(operation.timeoutMs, request.how?.timeoutMs)
  const { tracer } = telemetry
  return new Context({
    world,
    deadlines,
    deadlineMs: world.clock.monotonicMs() + timeoutMs,
    principal: request.principal,
    trace: request.trace ?? tracer.start(tracer.name('external'), spanKind.internal, undefined),
    idempotencyKey: request.key,
    criticality: operation.declared.criticality ?? 'default',
    token: undefined,
  })
}
