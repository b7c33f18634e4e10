import { messagesLimitInvalid } from './errors.ts'
import type { QueueName } from './queue-names.ts'

/** Starts in the whole fleet: at most `count` in `perMs`. */
export interface QueueRate {
  readonly count: number
  readonly perMs: number
}

/** How a queue is worked on now: what an operator said, else what is declared. */
export interface QueueSettings {
  /** `notifications.on.orders.paid` */
  readonly queue: string
  readonly isPaused: boolean
  /** Runs at once in the whole fleet; undefined: no limit. */
  readonly concurrencyMax: number | undefined
  readonly rate: QueueRate | undefined
  /** What does not come from the declaration. */
  readonly overridden: readonly ('concurrencyMax' | 'rate')[]
}

/** A change of limits: a value, `null` for what is declared, nothing for what stays. */
export interface LimitChange {
  readonly concurrencyMax?: number | null
  readonly rate?: QueueRate | null
}

type Row = Readonly<Record<string, unknown>>

export function settingsOf({ module, name, declared }: QueueName, row: Row = {}): QueueSettings {
  const concurrencyMax = numberOf(row['concurrency_max'])
  const count = numberOf(row['rate_count'])
  const perMs = numberOf(row['rate_ms'])
  const rate = count === undefined || perMs === undefined ? undefined : { count, perMs }
  return {
    queue: `${module}.${name}`,
    isPaused: row['is_paused'] === true,
    concurrencyMax: concurrencyMax ?? declared?.concurrencyMax,
    rate: rate ?? declared?.rate,
    overridden: [
      ...(concurrencyMax === undefined ? [] : ['concurrencyMax' as const]),
      ...(rate === undefined ? [] : ['rate' as const]),
    ],
  }
}

/** @throws MESSAGES_LIMIT_INVALID */
export function assertLimit(queue: string, { concurrencyMax, rate }: LimitChange): void {
  assertRange(queue, 'concurrency', concurrencyMax, 10_000)
  assertRange(queue, 'the count of the rate', rate?.count, 1_000_000)
  assertRange(queue, 'the period of the rate', rate?.perMs, 86_400_000)
}

function assertRange(
  queue: string,
  what: string,
  value: number | null | undefined,
  max: number,
): void {
  if (value === undefined || value === null) return
  if (Number.isInteger(value) && value >= 1 && value <= max) return
  throw messagesLimitInvalid({ queue, reason: `${what} is ${value}` })
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
