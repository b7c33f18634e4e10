import { BanyanError } from '../../kernel/index.ts'
import { messagesTransportIncapable, messagesTransportUnavailable } from '../../messages/index.ts'

const engine = 'nats'

/** What went wrong with the engine, as the port says it; coded errors stay as they are. */
export function unavailable(error: unknown): BanyanError {
  if (error instanceof BanyanError) return error
  const reason = error instanceof Error ? error.message || error.name : String(error)
  return messagesTransportUnavailable({ engine, reason }, { cause: error })
}

export function incapable(promise: string): BanyanError {
  return messagesTransportIncapable({ engine, promise })
}
