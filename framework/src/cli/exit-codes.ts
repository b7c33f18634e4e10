import type { ErrorKind } from '../kernel/index.ts'

/** What the process ends with; documented in docs/reference/cli.md. */
export const exitCodes = {
  ok: 0,
  /** A check found problems, or a call ended with a failure. */
  failed: 1,
  /** The command line was not understood. */
  usage: 2,
  /** Something needed is down or taken: database, port, service. */
  unavailable: 69,
  /** A bug of Banyan or of the application. */
  bug: 70,
  /** Settings, declarations or files are wrong. */
  configuration: 78,
} as const

/** The exit code of an error that ended a command. */
export function exitCodeOf(kind: ErrorKind): number {
  if (kind === 'bug') return exitCodes.bug
  if (kind === 'invalid') return exitCodes.configuration
  if (kind === 'unavailable' || kind === 'unknown_outcome' || kind === 'exhausted') {
    return exitCodes.unavailable
  }
  return exitCodes.failed
}
