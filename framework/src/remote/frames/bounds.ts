/** The bounds of connections that carry frames, all with defaults. Tests shorten the times. */
export interface FramesBounds {
  /** Calls sent and not ended per connection; the smaller of both ends' counts. 1..65,536;
   *  1,024 unless given. */
  readonly inFlightMax: number
  /** UTF-8 bytes of an input or output; the smaller of both ends' counts. 4 MiB unless given. */
  readonly payloadBytesMax: number
  /** Bytes of calls that a connection holds because the machine does not take them yet; at this many
   *  no more calls are taken. 8 MiB unless given. */
  readonly queuedBytesMax: number
  /** Bytes of answers that wait for a slow caller; at this many nothing more is read from it.
   *  1 MiB unless given. */
  readonly answerBytesHigh: number
  /** Bytes of answers that wait for a caller; at this many it is cut off. 64 MiB unless given. */
  readonly answerBytesMax: number
  /** Time for the connection, TLS included. 2 s unless given. */
  readonly connectTimeoutMs: number
  /** Time for the upgrade and both hellos. 2 s unless given. */
  readonly handshakeTimeoutMs: number
  /** A peer that was silent for so long is asked for a sign of life. 5 s unless given. */
  readonly idlePingMs: number
  /** A peer that was silent for so long is dead. 15 s unless given; seen within one `idlePingMs`. */
  readonly deadAfterMs: number
  /** Pause before a connection that was lost beside living ones is opened again. 1 s unless given. */
  readonly reopenMs: number
}

const defaults: FramesBounds = {
  inFlightMax: 1_024,
  payloadBytesMax: 4 * 1024 * 1024,
  queuedBytesMax: 8 * 1024 * 1024,
  answerBytesHigh: 1024 * 1024,
  answerBytesMax: 64 * 1024 * 1024,
  connectTimeoutMs: 2_000,
  handshakeTimeoutMs: 2_000,
  idlePingMs: 5_000,
  deadAfterMs: 15_000,
  reopenMs: 1_000,
}

/** The given bounds, and defaults for the others. */
export function boundsOf(given: Partial<FramesBounds> | undefined): FramesBounds {
  const bounds = { ...defaults, ...given }
  return { ...bounds, inFlightMax: Math.min(Math.max(bounds.inFlightMax, 1), 65_536) }
}
