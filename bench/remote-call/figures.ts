/** Turns what a client saw into the samples and round facts of the result. */
import { foreignCoresMax, type Metric, type Round, type Samples } from '../measure/result.ts'
import type { CellSeen } from './client.ts'
import { delayP50Ms } from './delay.ts'
import type { CellName } from './scenario.ts'

export const metrics: readonly Metric[] = [
  { name: '64 callers', unit: 'calls/s', better: 'higher' },
  { name: '64 p50', unit: 'ms', better: 'lower' },
  { name: '64 p99', unit: 'ms', better: 'lower' },
  { name: '64 cpu', unit: 'calls/CPU-s', better: 'higher' },
  { name: '256 uneven', unit: 'calls/s', better: 'higher' },
  { name: '256 p50', unit: 'ms', better: 'lower' },
  { name: '256 over delay', unit: 'ms', better: 'lower' },
  { name: '256 p99', unit: 'ms', better: 'lower' },
  { name: '1 caller p50', unit: 'µs', better: 'lower' },
]

/** @throws Error when a call failed or none was answered: such figures mean nothing. */
export function figuresOf(seen: CellSeen): Record<string, number> {
  if (seen.errors > 0) throw new Error(`${seen.errors} calls failed: ${seen.firstError}`)
  if (seen.calls === 0) throw new Error(`no call was answered with ${seen.cell} callers`)
  return figuresByCell[seen.cell](seen)
}

const figuresByCell: Record<CellName, (seen: CellSeen) => Record<string, number>> = {
  many: (seen) => ({
    '64 callers': seen.callsPerSecond,
    '64 p50': seen.p50Us / 1_000,
    '64 p99': seen.p99Us / 1_000,
    ...(seen.cpuSeconds === undefined ? {} : { '64 cpu': seen.calls / seen.cpuSeconds }),
  }),
  uneven: (seen) => ({
    '256 uneven': seen.callsPerSecond,
    '256 p50': seen.p50Us / 1_000,
    '256 over delay': seen.p50Us / 1_000 - delayP50Ms,
    '256 p99': seen.p99Us / 1_000,
  }),
  one: (seen) => ({ '1 caller p50': seen.p50Us }),
}

/** Adds the figures of one cell. @returns its facts. @throws Error as `figuresOf`. */
export function addFigures(
  samples: Samples,
  seen: CellSeen,
  at: { readonly subject: string; readonly round: number },
): Round {
  const { foreignCores, before } = seen
  const flagged = foreignCores !== undefined && foreignCores > foreignCoresMax
  for (const [metric, value] of Object.entries(figuresOf(seen))) {
    samples.add(at.subject, metric, value, flagged)
  }
  const facts = { ...at, before, flagged }
  return foreignCores === undefined ? facts : { ...facts, foreignCores }
}
