import { asBanyanError, type BanyanError, type ErrorKind } from '../kernel/index.ts'
import {
  cliConfirmationMissing,
  cliFlagInvalid,
  cliInputMalformed,
  cliOperationUnknown,
  cliServicesMissing,
} from './errors.ts'

/** What the process ends with; docs/reference/cli.md shows this table. */
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
  /** A second signal ended the process at once. */
  interrupted: 130,
} as const

/** What each exit code means, for the reference. */
export const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'it worked; a process that was asked to stop stopped in order',
  failed: 'a check found problems, or a call ended with a failure',
  usage: 'the command line was not understood',
  unavailable: 'something needed is down or taken: database, port, companion, service',
  bug: 'a bug of Banyan or of the application',
  configuration: 'settings, declarations or files are wrong',
  interrupted: 'a second signal ended the process at once',
}

/** Down, or taken by somebody else. */
const kindsUnavailable: readonly ErrorKind[] = [
  'unavailable',
  'unknown_outcome',
  'exhausted',
  'conflict',
]

/** The exit code of a command that ended with an error of this kind. */
export function exitCodeOf(kind: ErrorKind): number {
  if (kind === 'bug') return exitCodes.bug
  if (kind === 'invalid') return exitCodes.configuration
  return kindsUnavailable.includes(kind) ? exitCodes.unavailable : exitCodes.failed
}

/** What a better command line would mend. Those of other rooms by name: they are loaded only by the
 *  commands that need them. */
const usageCodes: readonly string[] = [
  cliConfirmationMissing.code,
  cliFlagInvalid.code,
  cliInputMalformed.code,
  cliOperationUnknown.code,
  cliServicesMissing.code,
  'MESSAGES_LIMIT_INVALID',
  'MESSAGES_MESSAGE_AMBIGUOUS',
  'MESSAGES_QUEUE_UNKNOWN',
]
/** Of the kind that says `taken`, but nothing else is in the way than what was asked for. */
const failureCodes: readonly string[] = ['MESSAGES_STATE_WRONG', 'MESSAGES_MESSAGE_DUPLICATE']

/** The exit code of a command that threw an error of this code. */
export function exitCodeOfRow({ code, kind }: Pick<BanyanError, 'code' | 'kind'>): number {
  if (usageCodes.includes(code)) return exitCodes.usage
  return failureCodes.includes(code) ? exitCodes.failed : exitCodeOf(kind)
}

/** The exit code of a command that threw `error`. */
export function exitCodeOfError(error: unknown): number {
  return exitCodeOfRow(asBanyanError(error))
}
