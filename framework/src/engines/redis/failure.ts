import type { BanyanError } from '../../kernel/index.ts'
import { messagesTransportIncapable, messagesTransportUnavailable } from '../../messages/index.ts'

const engine = 'redis'

/** @param promise  Completes "cannot promise that …". */
export function incapable(promise: string): BanyanError {
  return messagesTransportIncapable({ engine, promise })
}

/** What went wrong as the port says it; what is an error of the port already stays. */
export function unavailable(cause: unknown): BanyanError {
  if (messagesTransportIncapable.is(cause) || messagesTransportUnavailable.is(cause)) return cause
  return messagesTransportUnavailable({ engine, reason: reasonOf(cause) }, { cause })
}

export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.message === '' ? cause.name : cause.message
}
