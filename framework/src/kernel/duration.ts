import { kernelDurationInvalid } from './errors.ts'

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** A duration of configuration in milliseconds: `'250ms'`, `'1.5s'`, `'5m'`, `'2h'`, `'7d'`, or a
 *  number that already is milliseconds (finite, ≥ 0).
 *  @throws KERNEL_DURATION_INVALID */
export function parseDurationMs(value: string | number): number {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && value >= 0) return value
    throw kernelDurationInvalid({ value: String(value) })
  }
  const match = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(value)
  const unitMs = unitsMs[match?.[2] ?? '']
  if (match === null || unitMs === undefined)
    throw kernelDurationInvalid({ value: value.slice(0, 64) })
  return Number(match[1]) * unitMs
}

/** Milliseconds for people: `840 µs`, `12 ms`, `3.4 s`, `2 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1) return `${Math.round(durationMs * 1_000)} µs`
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`
  if (durationMs < 120_000) return `${(durationMs / 1_000).toFixed(1)} s`
  return `${Math.round(durationMs / 60_000)} min`
}
