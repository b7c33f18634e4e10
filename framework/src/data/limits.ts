import type { DatabaseLimits } from './database.ts'

/** The bounds of one module's connections, all given. */
export type Limits = Required<DatabaseLimits>

export const defaultLimits: Limits = {
  readConnectionsMax: 2,
  readDepthMax: 256,
  transactionsMax: 8,
  waitersMax: 1_000,
  waitMsMax: 5_000,
  idleMsMax: 30_000,
}

/** How long a connection may take to settle after a cancel or a late commit before it is cut. */
export const settleMsMax = 10_000
