import { BanyanError, type Clock } from '../kernel/index.ts'

/** One thing that must work before requests are welcome. */
export interface ReadinessCheck {
  /** Lower-case words with dashes, such as `database`. */
  readonly name: string
  /** Longest time the check may take; 1 s unless given. */
  readonly timeoutMs?: number
  /** Resolves when all is well and rejects when not; the reason is shown only with `?verbose`. */
  readonly check: () => Promise<void>
}

export interface CheckResult {
  readonly name: string
  readonly isReady: boolean
  readonly durationMs: number
  /** Empty when ready. */
  readonly cause: string
}

/** Runs checks side by side, each within its time. Never rejects. */
export function runChecks(
  checks: readonly ReadinessCheck[],
  clock: Clock,
): Promise<readonly CheckResult[]> {
  return Promise.all(checks.map((check) => runCheck(check, clock)))
}

async function runCheck(check: ReadinessCheck, clock: Clock): Promise<CheckResult> {
  const { name, timeoutMs = 1_000 } = check
  const startMs = clock.monotonicMs()
  let cause = ''
  try {
    await withinTime(check.check, timeoutMs, clock)
  } catch (error) {
    cause = error instanceof Error ? publicCause(error) : String(error)
  }
  const durationMs = Math.round((clock.monotonicMs() - startMs) * 10) / 10
  return { name, isReady: cause === '', durationMs, cause }
}

/** A coded error by its code: its words may name an address, and anybody may ask. */
function publicCause(error: Error): string {
  return error instanceof BanyanError ? error.code : error.message
}

function withinTime(run: () => Promise<void>, timeoutMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(
      timeoutMs,
      () => reject(new Error(`no answer within ${timeoutMs} ms`)),
      { background: true },
    )
    run()
      .then(resolve, reject)
      .finally(() => timer.stop())
      .catch(() => undefined)
  })
}
