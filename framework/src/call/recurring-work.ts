import { asBanyanError, type BanyanError, system } from '../kernel/index.ts'
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
  const binding = calls.bindings.get(work.module)
  if (binding === undefined) throw new Error(`no module ${work.module}`)
  const { world, telemetry, deadlines } = calls
  const span = telemetry.tracer.start(telemetry.tracer.name(work.id), spanKind.internal, undefined)
  const context = new HandlerContext(
    {
      world,
      deadlines,
      deadlineMs: world.clock.monotonicMs() + work.timeoutMs,
      principal: system,
      trace: span,
      idempotencyKey: undefined,
      criticality: 'background',
      token: undefined,
    },
    {
      binding,
      work: { id: work.id, kind: 'command', timeoutMs: work.timeoutMs, encodeInput: () => '' },
    },
    {
      input: undefined,
      callerModule: work.module,
      idempotencyKey: undefined,
      timeoutMs: work.timeoutMs,
    },
  )
  try {
    await new Promise<void>((resolve, reject) => {
      context.enter(undefined, reject)
      work.run(context).then(resolve, reject)
    })
    span.end()
  } catch (error) {
    const coded: BanyanError = asBanyanError(error)
    span.end(coded.code)
    const fields = { operation: work.id, code: coded.code, err: coded }
    telemetry.logs.log('error', fields, coded.message, span)
    throw withoutInternals(coded)
  } finally {
    context.leave()
  }
}
