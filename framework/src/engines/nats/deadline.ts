import type { Clock } from '../../kernel/index.ts'
import { messagesTransportUnavailable } from '../../messages/index.ts'

/** The result of `work`, or MESSAGES_TRANSPORT_UNAVAILABLE after `limitMs`; what comes later is dropped. */
export function within<R>(
  clock: Clock,
  work: Promise<R>,
  { limitMs, doing }: { readonly limitMs: number; readonly doing: string },
): Promise<R> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(limitMs, () =>
      reject(
        messagesTransportUnavailable({
          engine: 'nats',
          reason: `${doing} took longer than ${limitMs} ms`,
        }),
      ),
    )
    work.then(resolve, reject).finally(() => timer.stop())
  })
}
