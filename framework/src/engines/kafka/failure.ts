import { BanyanError, type Clock, within as withinTime } from '../../kernel/index.ts'
import { messagesTransportIncapable, messagesTransportUnavailable } from '../../messages/index.ts'

const engine = 'kafka'

/** What went wrong with the engine, as the port says it; coded errors stay as they are. */
export function unavailable(error: unknown): BanyanError {
  if (error instanceof BanyanError) return error
  const reason = error instanceof Error ? error.message || error.name : String(error)
  return messagesTransportUnavailable({ engine, reason }, { cause: error })
}

export function incapable(promise: string): BanyanError {
  return messagesTransportIncapable({ engine, promise })
}

/** The result of `work`, or MESSAGES_TRANSPORT_UNAVAILABLE after `limitMs`; what comes later is dropped. */
export function within<R>(
  clock: Clock,
  work: Promise<R>,
  { limitMs, doing }: { readonly limitMs: number; readonly doing: string },
): Promise<R> {
  const late = (): Error => unavailable(new Error(`${doing} took longer than ${limitMs} ms`))
  return withinTime(clock, limitMs, { work, late })
}
