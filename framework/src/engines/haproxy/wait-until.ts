import { type Clock, sleep } from '../../kernel/index.ts'

/** Asks again and again, at once for the first time.
 *  @returns what it answered, or undefined when it had no answer within `timeoutMs`. */
export async function waitUntil<T>(
  options: { readonly clock: Clock; readonly timeoutMs: number; readonly everyMs: number },
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const { clock, timeoutMs, everyMs } = options
  const endMs = clock.monotonicMs() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (clock.monotonicMs() >= endMs) return undefined
    await sleep(clock, everyMs)
  }
}
