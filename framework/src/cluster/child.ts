import { timingSafeEqual } from 'node:crypto'
import type { Clock, Timer } from '../kernel/index.ts'
import type { ErrorFields } from './error-fields.ts'
import type { LineChannel } from './line-channel.ts'
import {
  type ChildPhase,
  encodeMessage,
  type FromChild,
  type ReadyReport,
  type ToChild,
} from './message.ts'
import type { ProcessEnd, ProcessHandle } from './process-handle.ts'

/** How one process of the supervisor ended. */
export interface ChildEnd extends ProcessEnd {
  readonly id: string
  /** What it said of why. */
  readonly error: ErrorFields | undefined
  /** Another start cannot succeed either. */
  readonly isFinal: boolean
  /** It was asked to. */
  readonly wasStopped: boolean
  /** Only this process ended; what it kept serves on. */
  readonly wasReplaced: boolean
  readonly isForced: boolean
}

export interface ChildOptions {
  readonly id: string
  readonly secret: string
  /** The plan that it was started with. */
  readonly plan: number
  /** What it said when it became ready, if that was to an earlier supervisor. */
  readonly adopted?: ReadyReport
  readonly clock: Clock
  readonly handle: ProcessHandle
  readonly health: HealthLimits
  /** Told when it serves, for the first time or again to a new supervisor. */
  readonly onReady: (report: ReadyReport) => void
  /** Told when it goes away by itself. */
  readonly onDraining: () => void
  /** Told when it is ended because it does not answer. */
  readonly onHung: () => void
  readonly onMessage: (message: FromChild) => void
}

/** When a process that does not answer is ended by force. */
export interface HealthLimits {
  readonly askEveryMs: number
  /** Questions in a row without an answer. */
  readonly missedMax: number
}

const lastWordsMs = 300
/** Questions that one taken over may leave unanswered besides: it has to find the new supervisor. */
const adoptedMissedMax = 5

/** What is known of the load of a process. */
export interface ChildLoad {
  readonly rssBytes: number | undefined
  readonly inFlight: number | undefined
}

/** One process of the supervisor, from its start (or from being taken over) to its end.
 *
 *  Whether it is alive is asked over its own connection to the supervisor: the answer needs a turn of
 *  its event loop, which is what hangs, and no certificate, whatever carries the calls. */
export class Child {
  readonly id: string
  readonly plan: number
  readonly ended: Promise<ChildEnd>
  readonly #options: ChildOptions
  readonly #timers = new Set<Timer>()
  #phase: ChildPhase | 'ended' = 'starting'
  #channel: LineChannel | undefined
  #report: ReadyReport | undefined
  #error: ErrorFields | undefined
  #isFinal = false
  #wasStopped = false
  #wasReplaced = false
  #isForced = false
  #missed = 0
  #silent: () => void = () => {}
  #load: ChildLoad = { rssBytes: undefined, inFlight: undefined }

  constructor(options: ChildOptions) {
    this.#options = options
    this.id = options.id
    this.plan = options.plan
    if (options.adopted !== undefined) {
      this.#phase = 'ready'
      this.#report = options.adopted
      this.#missed = -adoptedMissedMax
    }
    this.ended = options.handle.ended.then(async (end) => {
      // What it said last may be read after its end was heard of.
      await Promise.race([this.#silence(), this.#pause(lastWordsMs)])
      return this.#finish(end)
    })
    this.#watchHealth()
  }

  get pid(): number {
    return this.#options.handle.pid
  }

  get phase(): ChildPhase | 'ended' {
    return this.#phase
  }

  get report(): ReadyReport | undefined {
    return this.#report
  }

  get load(): ChildLoad {
    return this.#load
  }

  /** Whether somebody who calls himself this process is it. */
  isProvedBy(secret: string): boolean {
    const [own, given] = [Buffer.from(this.#options.secret), Buffer.from(secret)]
    return own.length === given.length && timingSafeEqual(own, given)
  }

  /** Its connection; a later one takes the place of an earlier. */
  connected(channel: LineChannel, phase: ChildPhase): void {
    this.#channel?.destroy('the process connected again')
    this.#channel = channel
    this.#missed = 0
    channel.send(encodeMessage({ type: 'welcome' }))
    if (phase === 'draining') this.drain()
  }

  /** Its connection ended; it may come back with another. */
  disconnected(channel: LineChannel): void {
    if (this.#channel !== channel) return
    this.#channel = undefined
    this.#silent()
  }

  /** What it said over its connection. */
  hear(message: FromChild): void {
    switch (message.type) {
      case 'ready':
        return this.#becomeReady(message.report)
      case 'draining':
        return this.drain()
      case 'failed':
        this.#error = message.error
        this.#isFinal = message.isFinal
        return
      case 'pong':
        this.#missed = 0
        this.#load = { rssBytes: message.rssBytes, inFlight: message.inFlight }
        return
      default:
        this.#options.onMessage(message)
    }
  }

  /** @returns whether it is connected, so that it will hear it */
  tell(message: ToChild): boolean {
    return this.#channel?.send(encodeMessage(message)) ?? false
  }

  /** Nothing new is to go to it from now on. Idempotent. */
  drain(): void {
    if (this.#phase === 'draining' || this.#phase === 'ended') return
    this.#phase = 'draining'
    this.#options.onDraining()
  }

  /** Asks it to end in its own order, and ends it by force after `deadlineMs`. Idempotent. */
  stop(deadlineMs: number): void {
    if (this.#wasStopped || this.#phase === 'ended') return
    this.#wasStopped = true
    this.drain()
    this.#options.handle.signal('SIGTERM')
    this.#after(deadlineMs, () => this.kill())
  }

  /** Asks it to end at once, by its own means if it can, and by force after `deadlineMs`. */
  hasten(deadlineMs: number): void {
    if (this.#phase === 'ended') return
    this.#wasStopped = true
    this.drain()
    if (deadlineMs === 0 || !this.tell({ type: 'stop', isHasty: true })) return this.kill()
    this.#after(deadlineMs, () => this.kill())
  }

  /** Ends it by force, because another is to take its place. */
  replace(): void {
    this.#wasStopped = true
    this.#wasReplaced = true
    this.kill()
  }

  /** Ends it by force. */
  kill(): void {
    if (this.#phase === 'ended') return
    this.#isForced = true
    this.#options.handle.signal('SIGKILL')
  }

  #becomeReady(report: ReadyReport): void {
    if (this.#phase !== 'starting') return
    this.#phase = 'ready'
    this.#report = report
    this.#missed = 0
    this.#options.onReady(report)
  }

  #silence(): Promise<void> {
    if (this.#channel === undefined) return Promise.resolve()
    return new Promise((resolve) => {
      this.#silent = resolve
    })
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#after(delayMs, resolve))
  }

  #finish(end: ProcessEnd): ChildEnd {
    this.#phase = 'ended'
    for (const timer of this.#timers) timer.stop()
    this.#channel?.destroy('the process ended')
    return {
      ...end,
      id: this.id,
      error: this.#error,
      isFinal: this.#isFinal,
      wasStopped: this.#wasStopped,
      wasReplaced: this.#wasReplaced,
      isForced: this.#isForced,
    }
  }

  #watchHealth(): void {
    const { clock, health, onHung } = this.#options
    const askedMs = clock.monotonicMs()
    this.#after(health.askEveryMs, () => {
      if (this.#phase === 'ended') return
      // When this process itself was asleep, its questions say nothing about the others.
      const wasLate = clock.monotonicMs() - askedMs > health.askEveryMs * 1.5
      if (wasLate || this.#phase !== 'ready') this.#missed = 0
      if (this.#missed >= health.missedMax) {
        onHung()
        return this.kill()
      }
      this.#missed++
      this.tell({ type: 'ping' })
      this.#watchHealth()
    })
  }

  #after(delayMs: number, run: () => void): void {
    const timer = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(timer)
      run()
    })
    this.#timers.add(timer)
  }
}
