/** What the server says of a delivery, in the address where it is acknowledged. */
export interface Delivery {
  /** Place of the message in its stream. */
  readonly sequence: number
  /** Counts the deliveries of a consumer, repeated ones too. */
  readonly number: number
}

/** Reads `$JS.ACK.<stream>.<consumer>.<times>.<sequence>.<number>.…`; servers may put a domain and an
 *  account in front. */
export function tryReadDelivery(reply: string | undefined): Delivery | undefined {
  if (reply?.startsWith('$JS.ACK.') !== true) return undefined
  const parts = reply.split('.')
  const at = parts.length === 9 ? 5 : 7
  const sequence = Number(parts[at])
  const number = Number(parts[at + 1])
  return Number.isInteger(sequence) && Number.isInteger(number) ? { sequence, number } : undefined
}
