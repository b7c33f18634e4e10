import { AMQPError } from 'rabbitmq-client'
import type { BanyanError } from '../../kernel/index.ts'
import { messagesTransportIncapable, messagesTransportUnavailable } from '../../messages/index.ts'

const engine = 'rabbitmq'

/** @param promise  Completes "cannot promise that …". */
export function incapable(promise: string, cause?: unknown): BanyanError {
  return messagesTransportIncapable({ engine, promise }, { cause })
}

/** What went wrong as the port says it; what is an error of the port already stays. */
export function unavailable(cause: unknown): BanyanError {
  if (messagesTransportIncapable.is(cause) || messagesTransportUnavailable.is(cause)) return cause
  return messagesTransportUnavailable({ engine, reason: reasonOf(cause) }, { cause })
}

export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause instanceof AMQPError ? `${cause.code} ${cause.message}` : cause.message
}

/** Whether a broker refused a declaration for what it says, not for who says it or when. */
export function isRefusedDeclaration(error: unknown): boolean {
  return (
    error instanceof AMQPError &&
    ['PRECONDITION_FAILED', 'NOT_IMPLEMENTED', 'NOT_ALLOWED', 'COMMAND_INVALID'].includes(
      error.code,
    )
  )
}
