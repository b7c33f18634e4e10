import type { Clock } from './clock.ts'

/** The result of `work`, or the error that `late` makes when it is not there after `timeoutMs`. Work that is
 *  late goes on unheard: what it still comes to is dropped. */
export function within<Result>(
  clock: Clock,
  timeoutMs: number,
  { work, late }: { readonly work: Promise<Result>; readonly late: () => Error },
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(timeoutMs, () => reject(late()))
    work.then(resolve, reject).finally(() => timer.stop())
  })
}
