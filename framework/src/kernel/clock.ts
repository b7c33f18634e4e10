/** Time, injected. Nothing else in Banyan reads the machine's clock or sets a timer. */
export interface Clock {
  /** Wall-clock milliseconds since the Unix epoch. For records and people, never for correctness. */
  nowMs(): number
  /** Monotonic milliseconds from an arbitrary origin, with fractions. For durations and deadlines. */
  monotonicMs(): number
  /** Calls `run` once after `delayMs` (≥ 0) unless the returned timer is stopped before. The timer
   *  does not keep the process alive when `background` is true. */
  after(delayMs: number, run: () => void, options?: { readonly background?: boolean }): Timer
}

/** A started timer; `stop` is idempotent. */
export interface Timer {
  stop(): void
}

/** The machine's clock. */
export function createSystemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    // bound, not wrapped: two reads per call, one frame less each
    monotonicMs: performance.now.bind(performance),
    after(delayMs, run, options) {
      const handle = setTimeout(run, delayMs)
      if (options?.background === true) handle.unref()
      return { stop: () => clearTimeout(handle) }
    },
  }
}

/** Waits `delayMs`; rejects with `signal.reason` as soon as the signal fires. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      timer.stop()
      reject(signal?.reason)
    }
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', giveUp)
      resolve()
    })
    signal?.addEventListener('abort', giveUp, { once: true })
  })
}
