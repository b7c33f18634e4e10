import type { Clock } from '../../kernel/index.ts'
import { unavailable } from './failure.ts'

/** The value of `work`, or MESSAGES_TRANSPORT_UNAVAILABLE when it is not there in time. What `work` does
 *  after that is not waited for. */
export async function within<T>(
  clock: Clock,
  timeoutMs: number,
  { what, work }: { readonly what: string; readonly work: Promise<T> },
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = clock.after(timeoutMs, () => {
    late.reject(unavailable(new Error(`${what} took more than ${timeoutMs} ms`)))
  })
  work.catch(() => {})
  try {
    return await Promise.race([work, late.promise])
  } finally {
    timer.stop()
  }
}

/** Like `within`, for ends: what fails or is late is left behind. */
export async function atMost(
  clock: Clock,
  timeoutMs: number,
  work: Promise<unknown>,
): Promise<void> {
  await within(clock, timeoutMs, { what: 'closing', work }).catch(() => {})
}
