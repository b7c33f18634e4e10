/** The bounds of the carrier that posts calls, all with defaults. */
export interface PostBounds {
  /** Calls under way per instance, and so connections to it; 256 unless given. */
  readonly inFlightMax: number
  /** Connections kept open while nothing is under way; 32 unless given. */
  readonly idleMax: number
  /** UTF-8 bytes of an input or output; 4 MiB unless given. */
  readonly payloadBytesMax: number
  /** Bytes of a call's headers; 12 KiB unless given, for servers read 16 at most. */
  readonly headerBytesMax: number
  /** Time for a connection, TLS included, and for the first sign of life; 2 s unless given. */
  readonly connectTimeoutMs: number
}

const defaults: PostBounds = {
  inFlightMax: 256,
  idleMax: 32,
  payloadBytesMax: 4 * 1024 * 1024,
  headerBytesMax: 12 * 1024,
  connectTimeoutMs: 2_000,
}

/** The given bounds, and defaults for the others. */
export function postBoundsOf(given: Partial<PostBounds> | undefined): PostBounds {
  return { ...defaults, ...given }
}
