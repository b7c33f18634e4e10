import type { Clock, Random } from '../kernel/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import type { BackOffLimits } from './back-off.ts'
import type { EjectionLimits } from './health.ts'
import type { Carrier, Directory } from './port.ts'

/** What a router is made of. */
export interface RouterOptions {
  readonly directory: Directory
  readonly carrier: Carrier
  readonly clock: Clock
  readonly random: Random
  readonly telemetry: Pick<Telemetry, 'metrics' | 'logs'>
  /** Who calls; named in errors and log lines. */
  readonly self: { readonly service: string }
  readonly retry?: Partial<RetryLimits>
  readonly ejection?: Partial<EjectionLimits>
  readonly queue?: Partial<QueueLimits>
  /** Between two tries to connect: 50 ms doubling to 2 s unless given. */
  readonly reconnect?: Partial<BackOffLimits>
}

/** How often a call may be sent. */
export interface RetryLimits extends BackOffLimits {
  /** Attempts per call, the first one counted; 3 unless given. 1 switches retries off. */
  readonly attemptsMax: number
  /** Retries per call to the same module, 0..1; 0.1 unless given. */
  readonly budgetShare: number
  /** Retries per second and module that any load allows; 10 unless given. */
  readonly budgetMinPerS: number
}

/** How calls wait while no instance takes them. */
export interface QueueLimits {
  /** Waiting calls per module; 1,024 unless given. More are refused. */
  readonly callsMax: number
  /** Longest wait for an instance; 5 s unless given. Once none was there for that long, a tenth. */
  readonly waitMsMax: number
}

/** All limits of a router, none left open. */
export interface RouterLimits {
  readonly retry: RetryLimits
  readonly ejection: EjectionLimits
  readonly queue: QueueLimits
  readonly reconnect: BackOffLimits
}

const defaults: RouterLimits = {
  retry: { attemptsMax: 3, budgetShare: 0.1, budgetMinPerS: 10, baseMs: 20, maxMs: 500 },
  ejection: { failuresMax: 5, shareMax: 0.5, baseMs: 1_000, maxMs: 30_000 },
  queue: { callsMax: 1_024, waitMsMax: 5_000 },
  reconnect: { baseMs: 50, maxMs: 2_000 },
}

/** The limits that options ask for, over the defaults. */
export function limitsOf(options: RouterOptions): RouterLimits {
  return {
    retry: { ...defaults.retry, ...options.retry },
    ejection: { ...defaults.ejection, ...options.ejection },
    queue: { ...defaults.queue, ...options.queue },
    reconnect: { ...defaults.reconnect, ...options.reconnect },
  }
}
