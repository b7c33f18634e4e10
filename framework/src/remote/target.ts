import type { OutgoingCall } from '../call/index.ts'
import type { Clock, Random } from '../kernel/index.ts'
import { Choice } from './choice.ts'
import type { CallsUnderWay } from './calls-under-way.ts'
import { Endings } from './endings.ts'
import { remoteModuleUnplaced, remoteQueueFull } from './errors.ts'
import { Journey } from './journey.ts'
import type { Loss, Member } from './member.ts'
import { isRefusal, readRefusal } from './refusal.ts'
import { Retries } from './retries.ts'
import type { RouterMetrics } from './router-metrics.ts'
import type { RouterLimits } from './router-options.ts'
import { WaitingRoom } from './waiting-room.ts'

export interface TargetOptions {
  readonly module: string
  /** Who calls. */
  readonly service: string
  readonly calls: CallsUnderWay
  readonly clock: Clock
  readonly random: Random
  readonly limits: RouterLimits
  readonly metrics: RouterMetrics
}

/** Calls that wait end so long before their deadline: longer than two looks at those who wait. */
const beforeDeadlineMs = 120

/** The road to one module: which instance a call goes to, who waits, what is sent once more. */
export class Target {
  readonly choice: Choice
  readonly #options: TargetOptions
  readonly #calls: CallsUnderWay
  readonly #retries: Retries
  readonly #waiting: WaitingRoom
  readonly #endings: Endings
  /** Since when nobody takes calls. */
  #emptySinceMs: number | undefined
  #isServing = false

  constructor(options: TargetOptions) {
    const { clock, random, limits } = options
    this.#options = options
    this.#calls = options.calls
    this.choice = new Choice(random)
    this.#retries = new Retries({ ...options, limits: limits.retry })
    this.#endings = new Endings(options)
    this.#waiting = new WaitingRoom({
      ...{ clock, callsMax: limits.queue.callsMax },
      swept: () => this.serve(),
      expired: (journey) => this.giveUp(journey),
    })
    this.#emptySinceMs = clock.monotonicMs()
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Takes a new call. The straight way makes no object. */
  send(call: OutgoingCall): void {
    this.#retries.deposit()
    if (this.#waiting.size === 0 && !this.choice.hasCandidates) {
      const member = this.choice.pick()
      if (member !== undefined && this.#hand(call, member, member)) return
    }
    this.#place(new Journey(call))
  }

  /** Reads anew who takes calls, and lets those who wait go there. */
  refresh(): void {
    this.choice.refresh()
    if (this.choice.hasReady) this.#emptySinceMs = undefined
    else this.#emptySinceMs ??= this.#options.clock.monotonicMs()
    this.serve()
  }

  /** Lets waiting calls go, as far as there is room for them. */
  serve(): void {
    if (this.#isServing || this.#waiting.size === 0) return
    this.#isServing = true
    this.#waiting.serve((journey) => this.#tryPlace(journey))
    this.#isServing = false
  }

  /** A link lost the call. */
  lost(journey: Journey, { isSent, cause }: Loss): void {
    journey.noteLoss(isSent, cause)
    if (journey.call.isSettled) this.#calls.delete(journey.call)
    else if (!this.#tryAgain(journey, !isSent && this.choice.hasOther(journey.avoid))) {
      this.#endings.unreachable(journey)
    }
  }

  /** The callee ended the call with an error. */
  failed(entry: Member | Journey, call: OutgoingCall, error: string): void {
    const journey = entry instanceof Journey ? entry : undefined
    const member = entry instanceof Journey ? entry.member : entry
    if (isRefusal(error)) this.#refused(journey ?? new Journey(call, member), error)
    else if (journey?.mayHaveHappened === true && readRefusal(error).isNotDone) {
      // true of this attempt, but not of the one that was lost before
      this.#endings.unreachable(journey)
    } else this.#endings.failed(call, member, error)
  }

  /** Ends a call that waits, or that is between two attempts, or on its way when all ends. */
  giveUp(journey: Journey): void {
    journey.timer?.stop()
    const { module, service, limits } = this.#options
    if (this.choice.size > 0 || journey.attempts > 0) {
      return this.#endings.unreachable(journey, this.#linkCause())
    }
    const { waitMsMax: waitedMs } = limits.queue
    this.#endings.lost(journey, remoteModuleUnplaced({ module, service, waitedMs }))
  }

  /** Ends all that waits. */
  close(): void {
    for (const journey of this.#waiting.empty()) this.giveUp(journey)
  }

  #refused(journey: Journey, error: string): void {
    // that the instance drains is for its link to say: the words may come from beyond it
    const { isDraining, code } = readRefusal(error)
    journey.noteRefusal(code)
    const { call } = journey
    const hasOther = this.choice.hasOther(journey.avoid)
    if (call.isSettled) this.#calls.delete(call)
    // who is overloaded and alone is not asked again at once: that is the caller's to decide
    else if (!(isDraining || hasOther) || !this.#tryAgain(journey, isDraining && hasOther)) {
      this.#endings.refused(journey, error)
    }
  }

  #tryAgain(journey: Journey, isAtOnce: boolean): boolean {
    const pauseMs = this.#retries.tryAllow(journey, isAtOnce)
    if (pauseMs === undefined) return false
    this.#calls.set(journey.call, journey)
    if (pauseMs === 0) this.#place(journey)
    else {
      journey.timer = this.#options.clock.after(pauseMs, () => {
        journey.timer = undefined
        this.#place(journey)
      })
    }
    return true
  }

  #place(journey: Journey): void {
    if (journey.call.isSettled) this.#calls.delete(journey.call)
    else if (this.#waiting.size > 0 || !this.#tryPlace(journey)) this.#wait(journey)
  }

  #tryPlace(journey: Journey): boolean {
    const candidate = this.choice.candidate()
    if (candidate !== undefined && this.#probe(journey, candidate)) return true
    return this.choice.ranked(journey.avoid).some((member) => this.#move(journey, member))
  }

  #probe(journey: Journey, candidate: Member): boolean {
    candidate.health.probe(journey.call)
    if (this.#move(journey, candidate)) return true
    candidate.health.noteNothing(journey.call)
    return false
  }

  #move(journey: Journey, member: Member): boolean {
    journey.member = member
    journey.attempts++
    if (this.#hand(journey.call, member, journey)) return true
    journey.member = undefined
    journey.attempts--
    this.#calls.set(journey.call, journey)
    return false
  }

  /** Noted before it is sent: a link may answer before it returns. */
  #hand(call: OutgoingCall, member: Member, entry: Member | Journey): boolean {
    this.#calls.set(call, entry)
    if (member.send(call)) return true
    this.#calls.delete(call)
    return false
  }

  #wait(journey: Journey): void {
    const { clock, limits, module } = this.#options
    const { waitMsMax, callsMax } = limits.queue
    const nowMs = clock.monotonicMs()
    const goneMs = nowMs - (this.#emptySinceMs ?? nowMs)
    const patienceMs = Math.max(waitMsMax - goneMs, waitMsMax / 10)
    // given up before its deadline, while it can be said that nothing happened
    const leftMs = journey.call.remainingMs - beforeDeadlineMs
    journey.untilMs = nowMs + Math.min(patienceMs, leftMs)
    this.#calls.set(journey.call, journey)
    if (this.#waiting.tryEnter(journey)) return
    this.#endings.lost(journey, remoteQueueFull({ module, limit: callsMax }))
  }

  /** Why nobody takes calls, as far as a link has said. */
  #linkCause(): string {
    for (const { cause } of this.choice.members) if (cause !== '') return cause
    return this.choice.hasReady ? 'every instance is at its bound' : 'no instance is connected'
  }
}
