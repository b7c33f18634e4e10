import type { Clock } from '../kernel/index.ts'

/** Waits for `work`, at most `ms`. Never rejects: how it ended is for who owns it.
 *  @returns whether it ended in time */
export function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.after(Math.max(0, ms), () => resolve(false))
    const ended = (): void => {
      timer.stop()
      resolve(true)
    }
    work.then(ended, ended)
  })
}
