import type { HealthLimits } from './child.ts'

/** The bounds of a supervisor. */
export interface SupervisorLimits {
  /** How long its processes go on without a supervisor. */
  readonly graceMs: number
  /** Longest time from the start of a process to its readiness. */
  readonly startTimeoutMs: number
  /** Longest time for migrations and seeds. */
  readonly prepareTimeoutMs: number
  /** Longest wait for the gateway to take a change. */
  readonly gatewayTimeoutMs: number
  /** When a keeper that was asked to end is ended by force. */
  readonly keeperStopTimeoutMs: number
  /** What an instance gets beyond the drain deadline of its plan before it is ended by force. */
  readonly stopMarginMs: number
  readonly health: HealthLimits
}

export const supervisorLimits: SupervisorLimits = {
  graceMs: 30_000,
  startTimeoutMs: 120_000,
  prepareTimeoutMs: 900_000,
  gatewayTimeoutMs: 10_000,
  keeperStopTimeoutMs: 25_000,
  stopMarginMs: 5_000,
  health: { askEveryMs: 2_000, missedMax: 3 },
}
