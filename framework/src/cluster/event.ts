import type { ErrorFields } from './error-fields.ts'

/** What a supervisor tells those who watch it: its terminal, and whoever attached. */
export type SupervisorEvent =
  /** A line that a process wrote. */
  | { readonly type: 'line'; readonly id: string; readonly line: string }
  /** Something that is being done. */
  | { readonly type: 'step'; readonly text: string }
  | { readonly type: 'started'; readonly id: string; readonly pid: number }
  | { readonly type: 'adopted'; readonly id: string; readonly pid: number }
  | { readonly type: 'ready'; readonly id: string; readonly url?: string; readonly tookMs: number }
  /** A process ended by itself; it starts again after a pause, unless it is not wanted any more. */
  | {
      readonly type: 'ended'
      readonly id: string
      readonly status: string
      readonly pauseMs: number | undefined
    }
  /** A process did not answer, and is ended by force. */
  | { readonly type: 'hung'; readonly id: string }
  /** A process was stopped because it was asked to. */
  | { readonly type: 'stopped'; readonly id: string; readonly isForced: boolean }
  | { readonly type: 'warning'; readonly error: ErrorFields }
  /** Everything of the plan serves. */
  | ({ readonly type: 'serving' } & Serving)

/** What is said when everything of a plan serves. */
export interface Serving {
  readonly application: string
  readonly topology: string
  /** Of the public HTTP: the gateway, or each instance that serves it. */
  readonly urls: readonly string[]
  /** `edge` → 2 */
  readonly services: Readonly<Record<string, number>>
  /** What else runs: `embedded PostgreSQL 18.4`, `haproxy`, companions. */
  readonly beside: readonly string[]
  /** `adopted`: taken over from a supervisor that had ended. `applied`: moved to from another plan. */
  readonly how: 'started' | 'adopted' | 'applied'
}
