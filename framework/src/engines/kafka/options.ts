import type { Clock } from '../../kernel/index.ts'

export interface KafkaTransportOptions {
  /** `host:9092`, 1 to 64 of one cluster; the others are found through them. */
  readonly brokers: readonly string[]
  readonly clock: Clock
  readonly account?: KafkaAccount
  /** `true`: TLS by the machine's authorities; else text in PEM. */
  readonly tls?: boolean | KafkaTls
  /** Partitions of a topic when it is created; 12 unless given. Fixed from then on: more of them would move
   *  keys and so break their order. As many processes can share the work of one topic. */
  readonly partitions?: number
  /** Copies of each message when a topic is created, and how many must have it before it is acknowledged:
   *  3 and 2 unless given. */
  readonly copies?: { readonly replicas: number; readonly inSync: number }
  /** Kafka acknowledges from memory and relies on copies: with one copy, the end of one machine loses
   *  what it had not written. `true` takes that into account, for development. */
  readonly acceptSingleCopy?: boolean
  /** How long a topic keeps messages, in milliseconds; -1 (for ever) unless given. Kafka deletes by age,
   *  read or not: a module that is away for longer loses messages. At least an hour. */
  readonly retentionMs?: number
  /** How long a process may be silent until others consume in its place: 6,000 to 300,000 ms as brokers
   *  allow, 30,000 unless given. */
  readonly leaseMs?: number
  /** Some clusters (mocks, proxies) do not tell their settings, nor create topics on demand. `true` takes
   *  their topics as they are; unless given such a cluster is refused. */
  readonly acceptUnverified?: boolean
}

/** How brokers know this application (SASL); `plain` only over TLS. */
export interface KafkaAccount {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly user: string
  readonly password: string
}

/** Text in PEM: whom to trust, and what to show when a broker asks who it is. */
export interface KafkaTls {
  readonly authorities?: string
  readonly certificate?: string
  readonly key?: string
}
