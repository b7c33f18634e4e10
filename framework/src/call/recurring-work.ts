import { asBanyanError, type BanyanError, system, type Trace } from '../kernel/index.ts'
import { spanKind } from '../telemetry/index.ts'
import type { CompiledCalls } from './calls.ts'
import { HandlerContext } from './handler-context.ts'
import { withoutInternals } from './failures.ts'

/** Work of a module that no caller asked for: a schedule or a seed. */
export interface ModuleWork {
  readonly module: string
  /** `checkout.schedules.recover` */
  readonly id: string
  readonly timeoutMs: number
  run(context: unknown): Promise<void>
}

/** Runs a module's own work once, as the principal `system`, within its deadline.
 *  @throws what the work threw, or CALL_OUTCOME_UNKNOWN when it overran; logged as well */
export async function runModuleWork(calls: CompiledCalls, work: ModuleWork): Promise<void> {
  await performWork(calls, work, {
    create: (...given) => new HandlerContext(...given),
    run: (context) => work.run(context),
  })
}

/** Work that belongs to a module and has a context of its own kind. */
export interface PerformedWork {
  readonly module: string
  readonly id: string
  readonly timeoutMs: number
  /** Its transactions happen once under this key. */
  readonly idempotencyKey?: string
  /** The span that caused it. */
  readonly parent?: Trace
}

/** How a context is made, and what is done in it. */
export interface PerformedRun<Made extends HandlerContext, Result> {
  readonly create: (...given: ConstructorParameters<typeof HandlerContext>) => Made
  run(context: Made): Promise<Result>
}

/** Runs work of a module as the principal `system`, within its deadline, as a span of its own.
 *  @throws what the work threw, or CALL_OUTCOME_UNKNOWN when it overran; logged as well */
export async function performWork<Made extends HandlerContext, Result>(
  calls: CompiledCalls,
  work: PerformedWork,
  { create, run }: PerformedRun<Made, Result>,
): Promise<Result> {
  const { id, module, timeoutMs, idempotencyKey, parent } = work
  const binding = calls.bindings.get(module)
  if (binding === undefined) throw new Error(`no module ${module}`)
  const { world, telemetry, deadlines } = calls
  const span = telemetry.tracer.start(telemetry.tracer.name(id), spanKind.internal, parent)
  const context = create(
    {
      world,
      deadlines,
      deadlineMs: world.clock.monotonicMs() + timeoutMs,
      principal: system,
      trace: span,
      idempotencyKey,
      criticality: 'background',
      token: undefined,
    },
    { binding, work: { id, kind: 'command', timeoutMs, encodeInput: () => '' } },
    { input: undefined, callerModule: module, idempotencyKey, timeoutMs },
  )
  try {
    const result = await new Promise<Result>((resolve, reject) => {
      context.enter(undefined, reject)
      run(context).then(resolve, reject)
    })
    span.end()
    return result
  } catch (error) {
    const coded: BanyanError = asBanyanError(error)
    span.end(coded.code)
    const fields = { operation: id, code: coded.code, err: coded }
    telemetry.logs.log('error', fields, coded.message, span)
    throw withoutInternals(coded)
  } finally {
    context.leave()
  }
}
