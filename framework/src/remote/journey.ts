import type { OutgoingCall } from '../call/index.ts'
import type { Timer } from '../kernel/index.ts'
import type { Member } from './member.ts'

/** A call that did not simply leave at its first try: what has happened to it so far. */
export class Journey {
  readonly call: OutgoingCall
  /** How often a link took it. */
  attempts: number
  /** Whether any callee may have seen it. */
  wasSent = false
  /** Where it is under way now. */
  member: Member | undefined
  /** Where it was last lost or refused. */
  avoid: Member | undefined = undefined
  /** Why, for the error. */
  cause = ''
  /** Whether a callee has refused it. */
  isRefused = false
  /** Monotonic milliseconds: it waits for an instance no longer than that. */
  untilMs: number = Number.POSITIVE_INFINITY
  /** Runs between two attempts. */
  timer: Timer | undefined = undefined

  constructor(call: OutgoingCall, member?: Member) {
    this.call = call
    this.member = member
    this.attempts = member === undefined ? 0 : 1
  }

  noteLoss(isSent: boolean, cause: string): void {
    if (isSent) this.wasSent = true
    this.#leave(cause)
  }

  noteRefusal(code: string): void {
    this.#leave(`refused with ${code}`)
    this.isRefused = true
  }

  /** Whether an earlier attempt may have changed something. */
  get mayHaveHappened(): boolean {
    return this.wasSent && this.call.isCommand
  }

  /** Whether sending it once more does no harm. A refusal may come from further down the road: it does
   *  not prove that the callee did nothing. */
  get isRepeatable(): boolean {
    const { isCommand, idempotencyKey } = this.call
    return !isCommand || idempotencyKey !== undefined || !(this.wasSent || this.isRefused)
  }

  #leave(cause: string): void {
    this.avoid = this.member
    this.member = undefined
    this.cause = cause
  }
}
