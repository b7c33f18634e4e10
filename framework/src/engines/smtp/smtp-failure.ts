import { mailOutcomeUnknown, mailRefused, mailUnavailable } from '../../mail/index.ts'

/** What nodemailer says of a failure. */
export interface SmtpProblem extends Error {
  readonly code?: string | undefined
  /** The server's answer, if it gave one. */
  readonly responseCode?: number | undefined
  readonly command?: string | undefined
  readonly recipient?: string | undefined
  readonly rejectedErrors?: readonly SmtpProblem[] | undefined
}

export interface Attempt {
  readonly messageId: string
  /** The mail was sent up to its last byte: the server may have it. */
  readonly isSent: boolean
}

/** Answers that are about us and not about the mail: log in first, this login is wrong, encrypt first. */
const ourFault = new Set([530, 534, 535, 538])

const transactionCommands = new Set(['MAIL FROM', 'RCPT TO', 'DATA'])

/** The coded error for a failed attempt: refused for good, nothing happened, or nobody knows. */
export function failureOf(problem: SmtpProblem, { messageId, isSent }: Attempt): Error {
  const cause = describe(problem)
  if (isRefusal(problem)) return mailRefused({ messageId, answer: cause }, { cause: problem })
  if (problem.responseCode === undefined && isSent) {
    return mailOutcomeUnknown({ messageId, cause }, { cause: problem })
  }
  return mailUnavailable({ cause }, { cause: problem })
}

/** Whether asking again would get the same answer. */
export function isFinal({ responseCode = 0 }: SmtpProblem): boolean {
  return responseCode >= 500 && !ourFault.has(responseCode)
}

/** Whether the connection was at an end before the mail: no answer, or "service closing". */
export function isStale(failure: Error): boolean {
  if (!mailUnavailable.is(failure)) return false
  const { responseCode } = failure.cause as SmtpProblem
  return responseCode === undefined || responseCode === 421
}

export function describe(problem: SmtpProblem): string {
  const text = mailUnavailable.is(problem) ? problem.details.cause : problem.message
  return text.replaceAll(/\s+/g, ' ').slice(0, 300)
}

function isRefusal(problem: SmtpProblem): boolean {
  // larger than the size that the server announced; nothing was asked
  if (problem.code === 'EMESSAGE' && problem.responseCode === undefined) return true
  if (!transactionCommands.has(problem.command ?? '')) return false
  const { rejectedErrors = [] } = problem
  return rejectedErrors.length > 0 ? rejectedErrors.every(isFinal) : isFinal(problem)
}
