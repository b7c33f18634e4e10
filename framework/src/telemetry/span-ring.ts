/** One finished span, read back from the ring. */
export interface SpanRecord {
  readonly traceId: string
  readonly spanId: string
  /** Empty for a root span. */
  readonly parentSpanId: string
  readonly name: string
  readonly kind: SpanKind
  readonly startEpochMs: number
  readonly durationMs: number
  /** HTTP status of a server span, otherwise 0. */
  readonly status: number
  /** Code of the error it ended with; empty when it succeeded. */
  readonly errorCode: string
}

/** As OTLP numbers them. */
export const spanKind = { internal: 1, server: 2, client: 3 } as const
export type SpanKind = (typeof spanKind)[keyof typeof spanKind]

/** Words per span: trace (4), span (2), parent (2). */
const wordsPerSpan = 8

/** Finished spans in columns, oldest overwritten first: writing one allocates nothing, so recording
 *  every request leaves no garbage behind. */
export class SpanRing {
  readonly capacity: number
  readonly words: Uint32Array
  readonly names: Uint32Array
  readonly kinds: Uint8Array
  readonly startsMs: Float64Array
  readonly durationsMs: Float64Array
  readonly statuses: Uint16Array
  readonly errorCodes: string[]
  /** Spans written since the start; the newest stands at `(written - 1) % capacity`. */
  written = 0
  /** Called each time another quarter of the ring has been filled. */
  onQuarter: (() => void) | undefined = undefined

  /** @param capacity  A power of two. */
  constructor(capacity: number) {
    this.capacity = capacity
    this.words = new Uint32Array(capacity * wordsPerSpan)
    this.names = new Uint32Array(capacity)
    this.kinds = new Uint8Array(capacity)
    this.startsMs = new Float64Array(capacity)
    this.durationsMs = new Float64Array(capacity)
    this.statuses = new Uint16Array(capacity)
    this.errorCodes = new Array<string>(capacity).fill('')
  }
}
