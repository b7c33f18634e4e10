import { type Clock, within as withinTime } from '../../kernel/index.ts'
import { messagesTransportUnavailable } from '../../messages/index.ts'

/** The result of `work`, or MESSAGES_TRANSPORT_UNAVAILABLE after `limitMs`; what comes later is dropped. */
export function within<R>(
  clock: Clock,
  work: Promise<R>,
  { limitMs, doing }: { readonly limitMs: number; readonly doing: string },
): Promise<R> {
  const late = (): Error =>
    messagesTransportUnavailable({
      engine: 'nats',
      reason: `${doing} took longer than ${limitMs} ms`,
    })
  return withinTime(clock, limitMs, { work, late })
}
