import type { TransportDeclaration } from '../../messages/index.ts'
import { incapable } from './failure.ts'

/** Octets of a short string of AMQP. */
const nameBytesMax = 255

/** What an application has on a broker. */
export interface Names {
  readonly exchange: string
  queueOf(consumer: string): string
}

export function namesOf(application: string): Names {
  return {
    exchange: `banyan.${application}`,
    queueOf: (consumer) => `banyan.${application}.${consumer}`,
  }
}

/** @throws MESSAGES_TRANSPORT_INCAPABLE for a name that the protocol cannot carry */
export function assertNames({ application, topics, consumers }: TransportDeclaration): void {
  const names = namesOf(application)
  const all = [...topics, ...consumers.map(({ name }) => names.queueOf(name))]
  for (const name of all) {
    const bytes = Buffer.byteLength(name)
    if (bytes > nameBytesMax) {
      throw incapable(`"${name}" is told apart: names have at most 255 bytes, it has ${bytes}`)
    }
  }
}
