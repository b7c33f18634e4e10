import { type Clock, within as withinTime } from '../../kernel/index.ts'
import { unavailable } from './failure.ts'

/** The value of `work`, or MESSAGES_TRANSPORT_UNAVAILABLE when it is not there in time. What `work` does
 *  after that is not waited for. */
export function within<T>(
  clock: Clock,
  timeoutMs: number,
  { what, work }: { readonly what: string; readonly work: Promise<T> },
): Promise<T> {
  const late = (): Error => unavailable(new Error(`${what} took more than ${timeoutMs} ms`))
  return withinTime(clock, timeoutMs, { work, late })
}

/** Like `within`, for ends: what fails or is late is left behind. */
export async function atMost(
  clock: Clock,
  timeoutMs: number,
  work: Promise<unknown>,
): Promise<void> {
  await within(clock, timeoutMs, { what: 'closing', work }).catch(() => {})
}
