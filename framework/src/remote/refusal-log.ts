import type { BanyanError, Clock } from '../kernel/index.ts'
import type { Counter, Telemetry } from '../telemetry/index.ts'

const linesMax = 10
const windowMs = 1_000

/** Reports peers that were refused: all are counted, ten a second are written. Whoever knocks at the
 *  wrong door does so often. */
export class RefusalLog {
  readonly #clock: Clock
  readonly #telemetry: Telemetry
  readonly #refused: Counter
  #windowStartMs = -Infinity
  #lines = 0

  constructor(clock: Clock, telemetry: Telemetry) {
    this.#clock = clock
    this.#telemetry = telemetry
    this.#refused = telemetry.metrics.counter(
      'banyan_peers_refused_total',
      'Connections of peers that were refused or broke the protocol.',
    )
  }

  report({ code, message }: BanyanError): void {
    this.#refused.add()
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#windowStartMs >= windowMs) {
      this.#windowStartMs = nowMs
      this.#lines = 0
    }
    if (this.#lines++ < linesMax) this.#telemetry.logs.log('warn', { code }, message)
  }
}
