/** A row of `banyan_message` that this process holds. */
export interface LeasedMessage {
  readonly position: bigint
  readonly id: string
  readonly queue: string
  readonly version: number
  readonly key: string | undefined
  readonly payload: string
  readonly headers: string
  /** Raised by this lease; who holds an older one cannot commit. */
  readonly epoch: number
  /** Runs that ended in an error so far. */
  readonly attempts: number
  /** Leases that ended without a word so far. */
  readonly deaths: number
  /** Lower ones begin first. */
  readonly rank: number
  readonly createdAtMs: number
}

/** The place of a held message, enough to end or extend its lease. */
export interface Held {
  readonly position: bigint
  readonly epoch: number
}

/** What the run of a held message said last of its progress. */
export interface Said {
  readonly position: bigint
  readonly progress: { readonly fraction: number; readonly note: string | undefined }
}

/** Why a message is not done: what an operator reads. */
export interface MessageProblem {
  readonly code: string
  readonly message: string
  readonly stack: string | undefined
  readonly cause: string | undefined
  /** Of a saga that has failed and has something to undo: how far that is. */
  readonly compensation?: 'under way' | 'complete' | 'incomplete'
  /** Why it could not be undone, the last time. */
  readonly undo?: MessageProblem
}

/** How a run ended. */
export type Outcome = OutcomeDone | OutcomeRetry | OutcomeEnded | OutcomeWaiting

export interface OutcomeDone {
  readonly kind: 'done'
  readonly message: LeasedMessage
  /** A saga is kept for a while, for its history. */
  readonly isKept: boolean
}

/** Again after `delayMs`; it counts as an attempt. */
export interface OutcomeRetry {
  readonly kind: 'retry'
  readonly message: LeasedMessage
  readonly delayMs: number
  readonly problem: MessageProblem
}

/** It is not run again by itself: it could not succeed, or an operator cancelled it. */
export interface OutcomeEnded {
  readonly kind: 'parked' | 'cancelled'
  readonly message: LeasedMessage
  readonly problem: MessageProblem
}

/** Again after `delayMs`, and not for an error: a saga that sleeps or waits for an event, or a message that
 *  others are to run. It does not count as an attempt. */
export interface OutcomeWaiting {
  readonly kind: 'waiting'
  readonly message: LeasedMessage
  readonly delayMs: number
  /** Names of the waits of a saga, any of which makes it go on earlier. */
  readonly waits: readonly string[]
  readonly problem?: MessageProblem
}
