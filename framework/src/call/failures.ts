import { type Contract } from '../contract/index.ts'
import { type CompiledSchema, compileSchema } from '../schema/index.ts'
import { asBanyanError, BanyanError, type ErrorDetails } from '../kernel/index.ts'
import { callFailureInvalid, callFailureUndeclared, callNestedRefused } from './errors.ts'
import { issueTexts } from './issues.ts'

/** A declared failure with its compiled details. */
export interface CompiledFailure {
  /** Makes the failure from checked details. */
  revive(details: unknown): BanyanError
  readonly details: CompiledSchema
}

/** Every failure of an application by code. */
export type FailureTable = ReadonlyMap<string, CompiledFailure>

export function compileFailures(contracts: readonly Contract[]): FailureTable {
  const table = new Map<string, CompiledFailure>()
  for (const { failures } of contracts) {
    for (const definition of Object.values(failures)) {
      table.set(definition.code, {
        revive: (details) => definition(details as ErrorDetails),
        details: compileSchema(definition.declared.details),
      })
    }
  }
  return table
}

/** What an operation may end with: anything of the platform, and the failures it declares, their
 *  details checked and copied. Everything else is a bug of its handler, also when it called another
 *  operation with what that one refuses: its own caller cannot mend that. */
export function concludeError(
  error: unknown,
  operation: { readonly id: string; readonly failureCodes: ReadonlySet<string> },
  table: FailureTable,
): BanyanError {
  const known = asBanyanError(error)
  const failure = table.get(known.code)
  if (failure === undefined)
    return isOwnToMend(known, operation.id) ? known : nestedRefused(known, operation.id)
  if (!operation.failureCodes.has(known.code)) {
    return callFailureUndeclared({ operation: operation.id, code: known.code }, { cause: known })
  }
  const details = failure.details.copy(known.details)
  if (!details.ok) {
    const issues = issueTexts(details)
    return callFailureInvalid(
      { operation: operation.id, code: known.code, issues },
      { cause: known },
    )
  }
  return failure.revive(details.value)
}

/** False for an input that another operation refused. */
function isOwnToMend({ kind, details }: BanyanError, operation: string): boolean {
  const refusing = details['operation']
  return kind !== 'invalid' || typeof refusing !== 'string' || refusing === operation
}

function nestedRefused(refusal: BanyanError, operation: string): BanyanError {
  const { code, message: reason } = refusal
  return callNestedRefused({ operation, code, reason }, { cause: refusal })
}

/** The error as callers may see it: a bug keeps its code and loses message, details and cause. */
export function withoutInternals(error: BanyanError): BanyanError {
  if (error.kind !== 'bug') return error
  const fix = 'Look up the trace id in the logs of the service.'
  return new BanyanError(error, { message: 'an internal error', fix }, {})
}
