import type { Clock } from '../../kernel/index.ts'
import { messagesTransportUnavailable } from '../../messages/index.ts'

/** The result of `work`, or MESSAGES_TRANSPORT_UNAVAILABLE after `limitMs`; what comes later is dropped. */
export function within<R>(
  clock: Clock,
  limitMs: number,
  doing: string,
  work: Promise<R>,
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
