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

const refusals = ['PRECONDITION_FAILED', 'NOT_IMPLEMENTED', 'NOT_ALLOWED', 'COMMAND_INVALID']

/** Whether a broker refused a declaration for what it says, not for who says it or when. */
export function isRefusedDeclaration(error: unknown): boolean {
  if (!(error instanceof AMQPError)) return false
  // that is how RabbitMQ 3 says that quorum queues are switched off
  const isSwitchedOff = error.code === 'INTERNAL_ERROR' && error.message.includes('feature flag')
  return refusals.includes(error.code) || isSwitchedOff
}
