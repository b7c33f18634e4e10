/** Why an attempt gave no answer that its caller can use. */
export interface FailedAttempt {
  /** `503 SlowDown`, `ECONNRESET`: for operators. */
  readonly cause: string
  readonly status: number
  /** Whether another attempt may go better. */
  readonly isPassing: boolean
  /** Whether the store may have done what was asked. */
  readonly mayHaveHappened: boolean
  readonly error?: unknown
}

/** Codes of S3 with a status of 4xx which say that the same request may pass later. */
const passingCodes: readonly string[] = [
  'RequestTimeout',
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'ConditionalRequestConflict',
  'OperationAborted',
]

/** Statuses after which nobody knows: the error came from behind whoever answered. */
const unsureStatuses: readonly number[] = [500, 502, 504]

/** Errors of `fetch` that came before anything was sent. */
const unsentCodes: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]

/** @param code  of S3's error document; empty when there was none */
export function failedByAnswer(status: number, code: string): FailedAttempt {
  return {
    cause: code === '' ? `status ${status}` : code,
    status,
    isPassing: status >= 500 || status === 429 || passingCodes.includes(code),
    mayHaveHappened: unsureStatuses.includes(status),
  }
}

/** @param error  what `fetch` threw, or the body that it gave */
export function failedByError(error: unknown): FailedAttempt {
  const code = codeOf(error)
  return {
    cause: code === '' ? String(error) : code,
    status: 0,
    isPassing: true,
    mayHaveHappened: !unsentCodes.includes(code),
    error,
  }
}

function codeOf(error: unknown): string {
  let current: unknown = error
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const { code } = current as { code?: unknown }
    if (typeof code === 'string') return code
    current = current instanceof AggregateError ? current.errors[0] : current.cause
  }
  return ''
}
