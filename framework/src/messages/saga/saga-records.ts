import type { MessageProblem } from '../leased-message.ts'

/** One thing that a saga has asked for and that is on record. */
export interface SagaRecord {
  readonly name: string
  readonly kind: 'step' | 'sleep' | 'wait'
  /** Of a step: tagged JSON. Of a wait: the payload that was heard, as wire JSON. */
  readonly result: string | undefined
  /** Of a sleep or a wait, until it is over; not above 0 when its time has passed. */
  readonly dueInMs: number | undefined
  readonly hasUndo: boolean
  readonly isUndone: boolean
}

/** Whether it is done, can be undone, and is not. */
export function canBeUndone({ hasUndo, isUndone }: SagaRecord): boolean {
  return hasUndo && !isUndone
}

/** Why a saga has failed for good. */
export interface SagaFailure {
  readonly problem: MessageProblem
  /** How its message ends when it is undone. */
  readonly ends: 'parked' | 'cancelled'
  /** Attempts of the message when it failed; those that come after are of the undoing. */
  readonly attempts: number
}

/** All that is on record of one saga, in the order in which its code asked. */
export interface RecordedSaga {
  readonly records: readonly SagaRecord[]
  readonly failure: SagaFailure | undefined
  /** An operator wants it cancelled. */
  readonly isCancelling: boolean
}

/** What a saga asks to be recorded. */
export interface Asked {
  readonly name: string
  /** How many were asked for before, in this run. */
  readonly number: number
}

/** A wait that begins. */
export interface AskedWait extends Asked {
  readonly event: string
  readonly key: string
  readonly timeoutMs: number
}

/** Where the records of one saga are kept. All that changes something is refused to who no longer holds the
 *  message. @throws MESSAGES_LEASE_LOST · DATA_… */
export interface SagaRecords {
  load(): Promise<RecordedSaga>
  step(asked: Asked & { readonly result: string; readonly hasUndo: boolean }): Promise<void>
  /** Begins a sleep. */
  sleep(asked: Asked & { readonly durationMs: number }): Promise<SagaRecord>
  /** Begins a wait, which what was heard before may answer at once. */
  wait(asked: AskedWait): Promise<SagaRecord>
  /** Ends a wait whose time has passed. @returns what was heard in the last moment, if so */
  timeOut(name: string): Promise<string | undefined>
  undone(name: string): Promise<void>
  /** From now on the saga is undone, and nothing else. */
  fail(failure: SagaFailure): Promise<void>
}
