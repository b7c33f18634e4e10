import { type Clock, sleep } from '../../../kernel/index.ts'
import { postgresEmbeddedStartOverdue } from './errors.ts'

/** The clock, the deadline and the current step of one start; every wait of the start asks it. */
export class Startup {
  readonly clock: Clock
  readonly #folder: string
  readonly #timeoutMs: number
  readonly #deadlineMs: number
  readonly #report: (step: string) => void
  #step = 'taking the folder'

  constructor(options: {
    readonly clock: Clock
    readonly folder: string
    readonly timeoutMs: number
    readonly report: (step: string) => void
  }) {
    this.clock = options.clock
    this.#folder = options.folder
    this.#timeoutMs = options.timeoutMs
    this.#deadlineMs = options.clock.monotonicMs() + options.timeoutMs
    this.#report = options.report
  }

  /** Names what is done from now on, for the reader of the progress and of a time-out. */
  step(name: string): void {
    this.#step = name
    this.#report(name)
    this.assertInTime('')
  }

  get remainingMs(): number {
    return Math.max(0, this.#deadlineMs - this.clock.monotonicMs())
  }

  /** @throws POSTGRES_EMBEDDED_START_OVERDUE once the deadline has passed. */
  assertInTime(lastLines: string): void {
    if (this.remainingMs > 0) return
    throw postgresEmbeddedStartOverdue({
      folder: this.#folder,
      step: this.#step,
      timeoutMs: this.#timeoutMs,
      lastLines,
    })
  }
}

/** Asks until the answer is true, at most for `timeoutMs`. @returns whether it became true. */
export async function waitUntil(
  clock: Clock,
  timeoutMs: number,
  isTrue: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const endMs = clock.monotonicMs() + timeoutMs
  for (;;) {
    if (await isTrue()) return true
    if (clock.monotonicMs() >= endMs) return false
    await sleep(clock, pollMs)
  }
}

const pollMs = 10
