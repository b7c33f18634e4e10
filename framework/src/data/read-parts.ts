import type { Submission } from './port.ts'
import type { Limits } from './limits.ts'

/** What a connection and its pool know of a read. */
export interface QueuedRead extends Submission {
  /** The read sent behind it on the same connection. */
  next: QueuedRead | undefined
  readonly isSettled: boolean
  /** Notes that it waits for a place on a connection, at most until `deadlineMs`. */
  waitUntil(deadlineMs: number): void
  sentOn(lane: ReadPath): void
  reject(error: unknown): void
}

/** What a read knows of the connection that it was sent on. */
export interface ReadPath {
  /** Whether a cancel meant for one statement may have hit the next. */
  readonly isCancelNear: boolean
  answered(statement: QueuedRead): void
  /** The caller gave `statement` up; the server is told when it works on it. */
  abandoned(statement: QueuedRead): void
  /** Takes no more statements; closes when all are answered. Idempotent. */
  retire(): void
}

/** What a read knows of its pool. */
export interface ReadDispatcher {
  readonly module: string
  readonly address: string
  readonly limits: Limits
  /** Sends a statement, or lets it wait for a place. */
  dispatch(statement: QueuedRead): void
  /** A statement has been settled. */
  settled(): void
}
