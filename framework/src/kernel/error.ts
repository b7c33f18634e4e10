/** What a caller may conclude from an error. Closed: the kind alone decides HTTP status, retry, log
 *  level and breaker accounting. */
export const errorKinds = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'exhausted',
  'unavailable',
  'unknown_outcome',
  'cancelled',
  'bug',
] as const

export type ErrorKind = (typeof errorKinds)[number]

/** When a call that failed may be made again: `never`, `safe` (nothing happened), `later` (nothing
 *  happened; wait first), `with_key` (it may have happened; only with the same idempotency key). */
export type RetryRule = 'never' | 'safe' | 'later' | 'with_key'

/** The consequences of each kind; nothing else in Banyan maps kinds to behaviour. */
export const kindRules: Readonly<
  Record<
    ErrorKind,
    { readonly status: number; readonly retry: RetryRule; readonly level: LogLevel }
  >
> = {
  invalid: { status: 400, retry: 'never', level: 'info' },
  unauthenticated: { status: 401, retry: 'never', level: 'info' },
  forbidden: { status: 403, retry: 'never', level: 'info' },
  not_found: { status: 404, retry: 'never', level: 'info' },
  conflict: { status: 409, retry: 'never', level: 'info' },
  exhausted: { status: 429, retry: 'later', level: 'warn' },
  unavailable: { status: 503, retry: 'later', level: 'error' },
  unknown_outcome: { status: 504, retry: 'with_key', level: 'error' },
  cancelled: { status: 499, retry: 'with_key', level: 'info' },
  bug: { status: 500, retry: 'never', level: 'error' },
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export type ErrorDetails = Readonly<Record<string, unknown>>

/** The one error class of the platform: a string `code` from a room's table, a closed `kind`, typed
 *  `details` and the `fix` a reader can apply. Recognised across copies of the package by a brand. */
export class BanyanError<Details extends ErrorDetails = ErrorDetails> extends Error {
  readonly code: string
  readonly kind: ErrorKind
  readonly details: Details
  /** The next step for the reader; empty when there is none. */
  readonly fix: string
  /** The brand that `instanceof` looks for. */
  readonly isBanyanError: true = true

  constructor(
    identity: { readonly code: string; readonly kind: ErrorKind },
    text: { readonly message: string; readonly fix: string },
    details: Details,
    cause?: unknown,
  ) {
    super(text.message, cause === undefined ? undefined : { cause })
    this.name = identity.code
    this.code = identity.code
    this.kind = identity.kind
    this.details = details
    this.fix = text.fix
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && 'isBanyanError' in value
  }
}

/** A row of a room's error table: call it to make the error, `is` to recognise it. */
export interface ErrorDefinition<Details extends ErrorDetails = ErrorDetails> {
  (details: Details, options?: { readonly cause?: unknown }): BanyanError<Details>
  readonly code: string
  readonly kind: ErrorKind
  is(error: unknown): error is BanyanError<Details>
}

/** What a row says: the instance, limit and value seen (`message`), and the next step (`fix`). */
export interface ErrorText<Details> {
  message(details: Details): string
  readonly fix: string | ((details: Details) => string)
}

/** Declares one row of an error table.
 *  @param code  `ROOM_NOUN_STATE`; never reused once retired.
 */
export function defineError<Details extends ErrorDetails>(
  code: string,
  kind: ErrorKind,
  text: ErrorText<Details>,
): ErrorDefinition<Details> {
  const identity = { code, kind }
  const { fix } = text
  const make = (details: Details, options?: { readonly cause?: unknown }): BanyanError<Details> =>
    new BanyanError(
      identity,
      { message: text.message(details), fix: typeof fix === 'function' ? fix(details) : fix },
      details,
      options?.cause,
    )
  const is = (error: unknown): error is BanyanError<Details> =>
    error instanceof BanyanError && error.code === code
  return Object.assign(make, { code, kind, is })
}
