import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const callUnauthenticated: ErrorDefinition<{ operation: string }> = defineError(
  'CALL_UNAUTHENTICATED',
  'unauthenticated',
  {
    message: ({ operation }) => `${operation} needs a caller who proved who it is`,
    fix: 'Send "Authorization: Bearer <access token>".',
  },
)

export const callForbidden: ErrorDefinition<{ operation: string; allowed: string }> = defineError(
  'CALL_FORBIDDEN',
  'forbidden',
  {
    message: ({ operation, allowed }) => `${operation} is open to: ${allowed}`,
    fix: 'Use a token that carries one of these roles.',
  },
)

/** One place of an input or output that its schema refused. */
export interface IssueText {
  readonly path: string
  readonly code: string
  readonly message: string
}

export const callInputInvalid: ErrorDefinition<{
  operation: string
  issues: readonly IssueText[]
}> = defineError('CALL_INPUT_INVALID', 'invalid', {
  message: ({ operation, issues }) => `the input of ${operation} is not valid: ${sentence(issues)}`,
  fix: 'Correct the named fields; the API page shows the schema.',
})

export const callOutputInvalid: ErrorDefinition<{
  operation: string
  issues: readonly IssueText[]
}> = defineError('CALL_OUTPUT_INVALID', 'bug', {
  message: ({ operation, issues }) =>
    `the handler of ${operation} returned what its contract forbids: ${sentence(issues)}`,
  fix: 'Correct the handler, or the output schema of the contract.',
})

export const callDeadlineExceeded: ErrorDefinition<{ operation: string; timeoutMs: number }> =
  defineError('CALL_DEADLINE_EXCEEDED', 'unavailable', {
    message: ({ operation, timeoutMs }) => `${operation} had no answer within ${timeoutMs} ms`,
    fix: 'Nothing was changed; try again, or raise the timeout if it is always this slow.',
  })

export const callOutcomeUnknown: ErrorDefinition<{ operation: string; timeoutMs: number }> =
  defineError('CALL_OUTCOME_UNKNOWN', 'unknown_outcome', {
    message: ({ operation, timeoutMs }) =>
      `${operation} had no answer within ${timeoutMs} ms; it may have happened`,
    fix: 'Ask again with the same Idempotency-Key: it will not happen twice.',
  })

export const callOverloaded: ErrorDefinition<{ limit: number }> = defineError(
  'CALL_OVERLOADED',
  'unavailable',
  {
    message: ({ limit }) => `${limit} calls are already in flight in this instance`,
    fix: 'Try again after the pause that Retry-After names.',
  },
)

export const callFailureUndeclared: ErrorDefinition<{ operation: string; code: string }> =
  defineError('CALL_FAILURE_UNDECLARED', 'bug', {
    message: ({ operation, code }) => `${operation} ended with ${code}, which it does not declare`,
    fix: 'Name the failure under `failures` of the operation, or catch it in the handler.',
  })

export const callFailureInvalid: ErrorDefinition<{
  operation: string
  code: string
  issues: readonly IssueText[]
}> = defineError('CALL_FAILURE_INVALID', 'bug', {
  message: ({ operation, code, issues }) =>
    `${operation} ended with ${code}, whose details its contract forbids: ${sentence(issues)}`,
  fix: 'Correct the details where the failure is thrown.',
})

export const callStorageMissing: ErrorDefinition<{ module: string }> = defineError(
  'CALL_STORAGE_MISSING',
  'bug',
  {
    message: ({ module }) => `${module} asked for its database but declares no tables`,
    fix: 'Declare tables: tables<Rows>(new URL("./sql/", import.meta.url)) in the module.',
  },
)

export const callFilesMissing: ErrorDefinition<{ module: string }> = defineError(
  'CALL_FILES_MISSING',
  'bug',
  {
    message: ({ module }) => `${module} asked for its files, and this instance keeps none`,
    fix: 'Start the instance with a store of files; startRuntime does so by itself.',
  },
)

export const callMailMissing: ErrorDefinition<{ module: string }> = defineError(
  'CALL_MAIL_MISSING',
  'bug',
  {
    message: ({ module }) => `${module} sends mail, but this instance was started without a mailer`,
    fix: 'Give one to startInstance: createCapturedMailer or createSmtpMailer. startRuntime does.',
  },
)

export const callNestedRefused: ErrorDefinition<{
  operation: string
  code: string
  reason: string
}> = defineError('CALL_NESTED_REFUSED', 'bug', {
  message: ({ operation, code, reason }) =>
    `${operation} called another operation in a way that it refuses: ${reason} (${code})`,
  fix: 'Correct what the handler passes on; where the own input lets it through, make that schema as strict. Under an idempotency key pass the same input at each attempt.',
})

export const callTransactionNested: ErrorDefinition<{ operation: string }> = defineError(
  'CALL_TRANSACTION_NESTED',
  'bug',
  {
    message: ({ operation }) => `${operation} began a transaction inside another one`,
    fix: 'Pass `tx` on to what belongs to the transaction. Two at once would each hold a connection, and enough of them would wait for each other.',
  },
)

export const callCommandRefused: ErrorDefinition<{ query: string; command: string }> = defineError(
  'CALL_COMMAND_REFUSED',
  'bug',
  {
    message: ({ query, command }) => `the query ${query} called the command ${command}`,
    fix: 'Declare the calling operation as a command: a query may be repeated by anybody, so it changes nothing, also not through other modules.',
  },
)

export const callFetchRefused: ErrorDefinition<{ origin: string; cause: string }> = defineError(
  'CALL_FETCH_REFUSED',
  'unavailable',
  {
    message: ({ origin, cause }) => `${origin} could not be reached: ${cause}`,
    fix: 'Nothing was sent. Check that the service runs and that its address is right.',
  },
)

export const callFetchUnknown: ErrorDefinition<{ origin: string; cause: string }> = defineError(
  'CALL_FETCH_UNKNOWN',
  'unknown_outcome',
  {
    message: ({ origin, cause }) => `${origin} took the request but gave no answer: ${cause}`,
    fix: 'It may have happened there. Repeat it only under the same idempotency key.',
  },
)

export const callKeyGuessable: ErrorDefinition<{ operation: string; lengthMin: number }> =
  defineError('CALL_KEY_GUESSABLE', 'invalid', {
    message: ({ operation, lengthMin }) =>
      `${operation}: an idempotency key of an anonymous caller needs at least ${lengthMin} characters`,
    fix: 'Use a random key, such as a UUID: whoever knows the key of an anonymous call gets its answer.',
  })

export const callNotHosted: ErrorDefinition<{ operation: string }> = defineError(
  'CALL_NOT_HOSTED',
  'unavailable',
  {
    message: ({ operation }) => `this instance does not run ${operation}`,
    fix: 'Nothing was done. The caller’s directory is older than the placement: try again, and compare `banyan ps` with the plan if it stays.',
  },
)

export const callCallerGone: ErrorDefinition<{ operation: string }> = defineError(
  'CALL_CALLER_GONE',
  'cancelled',
  {
    message: ({ operation }) => `the caller of ${operation} no longer waits for it`,
    fix: 'Ask again with the same Idempotency-Key if it still matters.',
  },
)

function sentence(issues: readonly IssueText[]): string {
  const named = issues.slice(0, 3).map(({ path, message }) => `${path || '(whole)'}: ${message}`)
  const rest = issues.length > 3 ? ` (and ${issues.length - 3} more)` : ''
  return named.join('; ') + rest
}
