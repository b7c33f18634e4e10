import { asBanyanError, BanyanError, type ErrorKind, errorKinds } from '../kernel/index.ts'

/** An error as plain data, on its way to another process or into a file. */
export interface ErrorFields {
  readonly code: string
  readonly kind: string
  readonly message: string
  readonly fix: string
}

/** Any thrown value as plain data. */
export function errorFieldsOf(error: unknown): ErrorFields {
  const { code, kind, message, fix } = asBanyanError(error)
  return { code, kind, message, fix }
}

/** The error that another process told of. */
export function errorOf(fields: ErrorFields): BanyanError {
  const { code, message, fix } = fields
  const kind: ErrorKind = errorKinds.find((known) => known === fields.kind) ?? 'bug'
  return new BanyanError({ code, kind }, { message, fix }, {})
}
