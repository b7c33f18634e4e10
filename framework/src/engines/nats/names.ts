/** How the things of an application are called in NATS. Names keep letters, digits and `-`; each other
 *  byte becomes `_` and its two hexadecimal digits, so that no two names become one. */
export interface Names {
  /** The stream that holds messages. */
  readonly stream: string
  /** The stream that holds who consumes. */
  readonly leases: string
  /** Every subject of the stream. */
  readonly allSubjects: string
  readonly allLeases: string
  subjectOf(topic: string): string
  leaseOf(consumer: string): string
  /** The durable consumer of one topic for one module. */
  durableOf(consumer: string, topic: string): string
}

export function namesOf(application: string): Names {
  const base = `banyan-${token(application)}`
  return {
    stream: base,
    leases: `${base}-leases`,
    allSubjects: `${base}.topic.>`,
    allLeases: `${base}.lease.*`,
    subjectOf: (topic) => `${base}.topic.${topic.split('.').map(token).join('.')}`,
    leaseOf: (consumer) => `${base}.lease.${token(consumer)}`,
    durableOf: (consumer, topic) => `${token(consumer)}+${topic.split('.').map(token).join('+')}`,
  }
}

function token(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9-]/gu, (character) =>
    Array.from(Buffer.from(character), (byte) => `_${byte.toString(16).padStart(2, '0')}`).join(''),
  )
}
