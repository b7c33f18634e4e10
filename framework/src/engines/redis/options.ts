import type { Clock } from '../../kernel/index.ts'

/** How Redis is reached, and what may be lost. */
export interface RedisTransportOptions {
  /** `redis://user:password@host:6379/0`, or `rediss:` for TLS; Valkey speaks the same. The user may run
   *  `CONFIG GET`, or `open` cannot tell what the server promises. */
  readonly url: string
  readonly clock: Clock
  /** Takes a server with `appendfsync everysec`: **up to a second of accepted messages is lost at a power cut**
   *  (not when only the process of the server dies). Without it such a server is refused. */
  readonly acceptOneSecond?: boolean
  /** 1..1,000 messages of one delivery, of 8 MiB together or one message: 200 unless given. */
  readonly batchMax?: number
  /** 1,000..60,000 ms after which another process takes over from one that was killed: 10,000 unless given. */
  readonly leaseMs?: number
  /** Told what the transport survives: lost connections, rejected deliveries. */
  readonly report?: (problem: string) => void
}

export const batchMaxDefault = 200
export const leaseMsDefault = 10_000
