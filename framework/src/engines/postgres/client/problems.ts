import pg from 'pg'
import type { Problem } from '../../../data/index.ts'

type LostProblem = Extract<Problem, { cause: 'lost' }>
type ServerProblem = Extract<Problem, { cause: 'server' }>
type UnreachableProblem = Extract<Problem, { cause: 'unreachable' }>

const lostMessage = 'the connection ended before the answer'

/** What a failed statement's error means. A FATAL error ends the connection with the statement's
 *  fate unknown, so it counts as lost. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof pg.DatabaseError)) return lost(error)
  if (error.severity === 'FATAL' || error.severity === 'PANIC') {
    return { cause: 'lost', message: `${error.message} (${error.code ?? 'no SQLSTATE'})` }
  }
  return serverProblem(error)
}

export function lost(error?: unknown): LostProblem {
  const reason = error instanceof Error ? error.message : undefined
  return { cause: 'lost', message: reason === undefined ? lostMessage : reason }
}

/** Why no connection could be opened. */
export function unreachable(error: unknown): UnreachableProblem {
  if (error instanceof pg.DatabaseError) {
    return { cause: 'unreachable', message: error.message, sqlState: error.code }
  }
  const message = error instanceof Error ? error.message || codeOf(error) : String(error)
  return { cause: 'unreachable', message, sqlState: undefined }
}

/** Node reports a failure on all addresses of a name as an AggregateError without a message. */
function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name
}

function serverProblem(error: pg.DatabaseError): ServerProblem {
  return {
    cause: 'server',
    sqlState: error.code ?? 'XX000',
    message: error.message,
    detail: error.detail,
    hint: error.hint,
    constraint: error.constraint,
    table: error.table,
    column: error.column,
    position: error.position === undefined ? undefined : Number(error.position),
    routine: error.routine,
  }
}
