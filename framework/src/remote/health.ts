import type { OutgoingCall } from '../call/index.ts'
import type { Clock, Random, Timer } from '../kernel/index.ts'
import { type BackOffLimits, backOffMs } from './back-off.ts'

/** `in`: takes its share of calls. `ejected`: takes none for a while. `candidate`: the while is over,
 *  the next call is its probe. `probing`: that call is under way. */
export type HealthState = 'in' | 'ejected' | 'candidate' | 'probing'

/** When an instance is left out. */
export interface EjectionLimits extends BackOffLimits {
  /** Losses, time-outs and connection failures in a row that eject. */
  readonly failuresMax: number
  /** Largest share of a module's instances that is left out at once, 0..1; one always stays. */
  readonly shareMax: number
}

export interface HealthOptions {
  readonly clock: Clock
  readonly random: Random
  readonly limits: EjectionLimits
  /** Whether enough others stay. */
  readonly mayEject: () => boolean
  /** Called after each change of state. */
  readonly changed: (state: HealthState) => void
}

/** Whether one instance deserves calls.
 *
 *      in ── failuresMax in a row ──▶ ejected ── back-off over ──▶ candidate ── next call ──▶ probing
 *      ▲                                 ▲                             ▲                        │ │
 *      │                                 └───── the probe was lost ────┼────────────────────────┤ │
 *      │                                                               └── its caller left ─────┘ │
 *      └──────────────────────────────── the probe was answered ──────────────────────────────────┘
 *
 *  Only the probe decides about a return: calls of the time before tell nothing about now. An answer is
 *  an answer, whatever it says: declared failures never count. */
export class Health {
  readonly #options: HealthOptions
  #state: HealthState = 'in'
  #failures = 0
  #ejections = 0
  #returnedMs = Number.NEGATIVE_INFINITY
  #probe: OutgoingCall | undefined
  #timer: Timer | undefined

  constructor(options: HealthOptions) {
    this.#options = options
  }

  get state(): HealthState {
    return this.#state
  }

  /** Makes `call` the probe. Requires: it is a candidate. */
  probe(call: OutgoingCall): void {
    this.#probe = call
    this.#become('probing')
  }

  noteAnswer(call: OutgoingCall): void {
    if (this.#state === 'in') this.#failures = 0
    else if (this.#probe === call) this.#return()
  }

  /** @param call  Undefined for a connection that failed. */
  noteFailure(call: OutgoingCall | undefined): void {
    if (this.#state === 'in') {
      this.#failures++
      const { limits, mayEject } = this.#options
      if (this.#failures >= limits.failuresMax && mayEject()) this.#ejectAnew()
    } else if (call !== undefined && this.#probe === call) this.#eject()
  }

  /** The call ended without telling anything: its caller left, or it was not taken. */
  noteNothing(call: OutgoingCall): void {
    if (this.#probe !== call) return
    this.#probe = undefined
    this.#become('candidate')
  }

  stop(): void {
    this.#timer?.stop()
  }

  /** Who has done well for long begins with the shortest back-off again. */
  #ejectAnew(): void {
    const { clock, limits } = this.#options
    if (clock.monotonicMs() - this.#returnedMs > limits.maxMs) this.#ejections = 0
    this.#eject()
  }

  #eject(): void {
    const { clock, random, limits } = this.#options
    this.#ejections++
    this.#failures = 0
    this.#probe = undefined
    const delayMs = backOffMs(limits, this.#ejections, random)
    this.#timer = clock.after(delayMs, () => this.#become('candidate'), { background: true })
    this.#become('ejected')
  }

  #return(): void {
    this.#probe = undefined
    this.#failures = 0
    this.#returnedMs = this.#options.clock.monotonicMs()
    this.#become('in')
  }

  #become(state: HealthState): void {
    this.#state = state
    this.#options.changed(state)
  }
}
