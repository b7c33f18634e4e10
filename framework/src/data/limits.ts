import { dataLimitInvalid } from './boot-errors.ts'
import type { DatabaseLimits } from './database.ts'

/** The bounds of one module's connections, all given. */
export type Limits = Required<DatabaseLimits>

const defaultLimits: Limits = {
  readConnectionsMax: 2,
  readDepthMax: 256,
  transactionsMax: 8,
  waitersMax: 1_000,
  waitMsMax: 5_000,
  idleMsMax: 30_000,
}

const ranges: Readonly<Record<keyof Limits, readonly [number, number]>> = {
  readConnectionsMax: [1, 64],
  readDepthMax: [1, 10_000],
  transactionsMax: [1, 256],
  waitersMax: [1, 100_000],
  waitMsMax: [1, 600_000],
  idleMsMax: [50, 3_600_000],
}

/** The bounds with their defaults.
 *  @throws DATA_LIMIT_INVALID */
export function parseLimits(given: DatabaseLimits = {}): Limits {
  const limits = { ...defaultLimits, ...given }
  for (const limit of Object.keys(ranges) as (keyof Limits)[]) {
    const [min, max] = ranges[limit]
    const value = limits[limit]
    if (!Number.isInteger(value) || value < min || value > max) {
      throw dataLimitInvalid({ limit, value, min, max })
    }
  }
  return limits
}

/** How long a connection may take to settle after a cancel or a late commit before it is cut. */
export const settleMsMax = 10_000
