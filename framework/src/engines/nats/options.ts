import type { Clock } from '../../kernel/index.ts'

export interface NatsTransportOptions {
  /** Servers of one cluster: `nats://host:4222` or `tls://host:4222`; 1 to 64. */
  readonly servers: readonly string[]
  readonly clock: Clock
  readonly account?: NatsAccount
  /** Files in PEM; `{}` demands TLS and trusts the machine's authorities. */
  readonly tls?: NatsTls
  /** The power of the machine may fail before NATS has synced what it acknowledged to its disk (every 2
   *  minutes unless `sync_interval` says otherwise): then up to that much is lost. `true` takes that into
   *  account. Without it, `monitors` must prove that every server syncs each message. */
  readonly acceptSyncInterval?: boolean
  /** Monitoring addresses of ALL servers (`http://host:8222`), asked at `open` whether `sync_interval` is
   *  `always`; servers since 2.10 tell. */
  readonly monitors?: readonly string[]
  /** Copies of each message in a cluster when the stream is created: 1, 3 or 5; 1 unless given. */
  readonly replicas?: number
  /** Most bytes that wait in the stream when it is created; 1 GiB unless given. A full stream refuses
   *  messages, and they wait in the outboxes. */
  readonly bytesMax?: number
  /** How long a process may be silent until another one consumes in its place, and then how long until
   *  what the silent one held is given again: 1,000 to 300,000 ms, 10,000 unless given. */
  readonly leaseMs?: number
}

/** How the server knows this application; both kinds are secrets. */
export type NatsAccount =
  | { readonly user: string; readonly password: string }
  | { readonly token: string }

/** Paths of files in PEM: whom to trust, and what to show when the server asks who it is. */
export interface NatsTls {
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}
