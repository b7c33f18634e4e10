import type { Clock } from '../kernel/index.ts'
import type { Limits } from './limits.ts'
import type { Connection } from './port.ts'

/** What a pool of one module knows of its surroundings. */
export interface PoolOptions {
  readonly module: string
  readonly address: string
  readonly clock: Clock
  readonly limits: Limits
  /** Opens a connection under the pool's role. Rejects with a `Problem`. */
  open(): Promise<Connection>
}
