import { incapable } from './failure.ts'

const lengthMax = 249

/** How the things of an application are called in Kafka. Names keep letters, digits and `-`; each other
 *  byte of them becomes `_` and its two hexadecimal digits, so that no two names become one. */
export interface Names {
  /** @throws MESSAGES_TRANSPORT_INCAPABLE when it is longer than Kafka's 249 characters */
  topicOf(topic: string): string
  groupOf(consumer: string): string
}

export function namesOf(application: string): Names {
  const base = `banyan.${token(application)}`
  return {
    topicOf: (topic) => legal(`${base}.${topic.split('.').map(token).join('.')}`),
    groupOf: (consumer) => `${base}.${token(consumer)}`,
  }
}

function legal(name: string): string {
  if (name.length <= lengthMax) return name
  throw incapable(`${name} is carried: names of topics have at most ${lengthMax} characters`)
}

function token(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9-]/gu, (character) =>
    Array.from(Buffer.from(character), (byte) => `_${byte.toString(16).padStart(2, '0')}`).join(''),
  )
}
