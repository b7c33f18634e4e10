import type { BanyanError } from '../kernel/index.ts'
import {
  dataConstraintViolated,
  dataDeadlineExceeded,
  dataPermissionDenied,
  dataRowLocked,
  dataStatementFailed,
  dataUnavailable,
} from './errors.ts'
import type { Problem, ServerProblem } from './port.ts'

/** Where a problem happened, for its message. */
export interface ProblemPlace {
  readonly module: string
  readonly address: string
  readonly statement: string
}

/** SQLSTATEs after which the same transaction may succeed when run again from its start. */
export function isConflict(problem: Problem): boolean {
  return (
    problem.cause === 'server' && (problem.sqlState === '40001' || problem.sqlState === '40P01')
  )
}

/** Whether a prepared statement no longer fits: its tables were migrated, or a pooler forgot it.
 *  The same statement works on a fresh connection. */
export function isStalePlan(problem: Problem): boolean {
  if (problem.cause !== 'server') return false
  if (problem.sqlState === '26000') return true
  return problem.sqlState === '0A000' && problem.routine === 'RevalidateCachedQuery'
}

/** Whether the server ended the statement because someone asked it to. */
export function isCancelled(problem: Problem): boolean {
  return problem.cause === 'server' && problem.sqlState === '57014'
}

/** The coded error of a problem before any commit was sent: nothing happened. */
export function errorOfProblem(problem: Problem, place: ProblemPlace): BanyanError {
  if (problem.cause !== 'server') {
    return dataUnavailable({ address: place.address, reason: problem.message }, { cause: problem })
  }
  return errorOfServer(problem, place)
}

function errorOfServer(problem: ServerProblem, place: ProblemPlace): BanyanError {
  const { sqlState, message: reason } = problem
  const { module } = place
  const options = { cause: problem }
  switch (sqlState) {
    case '42501':
    case '25006':
      return dataPermissionDenied({ module, reason }, options)
    case '55P03':
      return dataRowLocked({ module, reason }, options)
    case '57014':
      return dataDeadlineExceeded({ module, reason }, options)
  }
  switch (sqlState.slice(0, 2)) {
    case '23':
      return errorOfConstraint(problem, module)
    case '08':
    case '53':
    case '57':
    case '58':
      return dataUnavailable({ address: place.address, reason }, options)
  }
  const statement = place.statement.slice(0, 500)
  return dataStatementFailed({ module, sqlState, reason, statement }, options)
}

/** A not-null violation names no constraint: its column stands for it. */
function errorOfConstraint(problem: ServerProblem, module: string): BanyanError {
  const { sqlState } = problem
  const constraint = problem.constraint ?? problem.column ?? sqlState
  const table = problem.table ?? 'unknown'
  return dataConstraintViolated({ module, constraint, table, sqlState }, { cause: problem })
}
