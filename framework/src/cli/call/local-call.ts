import { createExternalCaller } from '../../call/index.ts'
import { asBanyanError, type BanyanError, type Principal } from '../../kernel/index.ts'
import { type Settings, startRuntime } from '../../runtime/index.ts'
import { createFileSink, createMemorySink } from '../../telemetry/index.ts'
import type { Project } from '../load-application.ts'
import type { CalledOperation } from './called-operation.ts'
import { issuesOf, type Outcome } from './outcome.ts'

/** A call in this process. */
export interface LocalCall {
  readonly project: Project
  readonly settings: Settings
  readonly operation: CalledOperation
  readonly input: Readonly<Record<string, unknown>>
  /** Undefined: the operator, to whom access rules do not apply. */
  readonly principal: Principal | undefined
  readonly key: string | undefined
  readonly timeoutMs: number
  /** Whether the log is written to standard error. */
  readonly isVerbose: boolean
}

/** Starts the application without a listener, calls one operation, and stops it again.
 *  @throws what keeps the application from starting */
export async function callInProcess(call: LocalCall): Promise<Outcome> {
  const { project, settings, operation, principal } = call
  await using runtime = await startRuntime({
    application: project.application,
    settings,
    version: project.version,
    listen: false,
    schedules: false,
    sink: call.isVerbose ? createFileSink(2) : createMemorySink(),
  })
  const { calls } = runtime.instance
  const compiled = calls.operations.get(operation.id)
  if (compiled === undefined) throw new Error(`${operation.id} was not compiled`)
  const decoded = compiled.input.decode(call.input)
  if (!decoded.ok) return failed(compiled.failureCodes, compiled.inputError(decoded))
  const caller = createExternalCaller(
    calls,
    principal === undefined ? { bypassAccess: true } : { principal },
  )
  const { key, timeoutMs } = call
  const options = { timeoutMs, ...(key === undefined ? {} : { idempotencyKey: key }) }
  try {
    const result = await caller.call(operation.id, decoded.value, options)
    return { ok: true, json: compiled.output.encode(result) }
  } catch (error) {
    return failed(compiled.failureCodes, asBanyanError(error))
  }
}

function failed(declaredCodes: ReadonlySet<string>, error: BanyanError): Outcome {
  const { code, message, fix, details } = error
  const issues = issuesOf(details['issues'])
  const shown = declaredCodes.has(code) ? details : undefined
  return { ok: false, problem: { code, message, fix, issues, details: shown, traceId: undefined } }
}
