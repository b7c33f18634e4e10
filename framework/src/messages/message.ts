/** A message as it travels from an outbox to an inbox: plain data, the same over every transport. */
export interface CarriedMessage {
  /** UUIDv7, given when it was published; by it an inbox knows a message that comes again. */
  readonly id: string
  /** Its topic: `orders.paid` for an event, `notifications.jobs.sendConfirmation` for a job. */
  readonly name: string
  readonly version: number
  /** Messages of one topic with one key stay in order. */
  readonly key: string | undefined
  /** JSON in the wire form of its schema, at most 1 MiB of UTF-8. */
  readonly payload: string
  /** What travels along, as JSON: at most 4 KiB. */
  readonly headers: string
}

/** What `headers` holds. */
export interface MessageHeaders {
  /** Trace and span that published it, in hexadecimal. */
  readonly traceId: string
  readonly spanId: string
  readonly isSampled: boolean
  /** Milliseconds since the epoch, by the publisher's clock; for people, nothing is decided by it. */
  readonly publishedAtMs: number
  readonly priority?: number
  readonly delayMs?: number
  readonly unique?: string
}

/** Most of one message's payload, in bytes of UTF-8. */
export const payloadBytesMax: number = 1024 * 1024
