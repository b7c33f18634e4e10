import { payloadBytesMax } from '../../messages/index.ts'
import { overheadBytesMax } from './carried-form.ts'
import { incapable } from './failure.ts'
import type { KafkaTransportOptions } from './options.ts'

/** The largest record, with what surrounds it. */
export const topicBytes: number = payloadBytesMax + overheadBytesMax

/** What a broker tells of a topic. */
export interface TopicFacts {
  readonly name: string
  /** Copies of the partition that has the fewest. */
  readonly replicas: number
  /** By the names of Kafka, as text. What is missing was not told, and is not judged. */
  readonly settings: ReadonlyMap<string, string>
}

type Judge = (facts: TopicFacts, options: KafkaTransportOptions) => string | undefined

const judges: readonly Judge[] = [
  judgeCleanup,
  judgeAge,
  judgeSize,
  judgeBytes,
  judgeElection,
  judgeCopies,
]

/** Holds that a topic loses nothing and carries all.
 *  @throws MESSAGES_TRANSPORT_INCAPABLE, naming the topic, the setting and what to do */
export function assertTopic(facts: TopicFacts, options: KafkaTransportOptions): void {
  for (const judge of judges) {
    const broken = judge(facts, options)
    if (broken !== undefined) throw incapable(`${broken} (topic ${facts.name})`)
  }
}

function judgeCleanup({ settings }: TopicFacts): string | undefined {
  const policy = settings.get('cleanup.policy')
  return policy?.includes('compact') === true
    ? `every message of a key is kept: cleanup.policy is ${policy}. Set it to delete`
    : undefined
}

function judgeAge(
  { settings }: TopicFacts,
  { retentionMs = -1 }: KafkaTransportOptions,
): string | undefined {
  const age = tryNumber(settings.get('retention.ms'))
  if (age === undefined || age === -1 || (retentionMs !== -1 && age >= retentionMs)) {
    return undefined
  }
  const accepted = retentionMs === -1 ? 'for ever' : `for ${retentionMs} ms`
  return `messages stay ${accepted}: retention.ms is ${age}. Raise it (-1 is for ever), or accept it: retentionMs: ${age}`
}

function judgeSize({ settings }: TopicFacts): string | undefined {
  const bytes = tryNumber(settings.get('retention.bytes'))
  return bytes === undefined || bytes === -1
    ? undefined
    : `messages stay until they are read: retention.bytes is ${bytes}. Set it to -1`
}

function judgeBytes({ settings }: TopicFacts): string | undefined {
  const bytes = tryNumber(settings.get('max.message.bytes'))
  return bytes === undefined || bytes >= topicBytes
    ? undefined
    : `messages of 1 MiB pass: max.message.bytes is ${bytes}. Set it to ${topicBytes} or more`
}

function judgeElection({ settings }: TopicFacts): string | undefined {
  return settings.get('unclean.leader.election.enable') === 'true'
    ? 'what is acknowledged outlives an election: unclean.leader.election.enable is true. Set it to false'
    : undefined
}

function judgeCopies(
  { replicas, settings }: TopicFacts,
  { acceptSingleCopy = false }: KafkaTransportOptions,
): string | undefined {
  if (acceptSingleCopy) return undefined
  const accept = 'or accept it: acceptSingleCopy: true'
  if (replicas < 2) return `messages outlive a broker: there is one copy. Add replicas, ${accept}`
  const inSync = tryNumber(settings.get('min.insync.replicas'))
  return inSync === undefined || inSync >= 2
    ? undefined
    : `messages outlive a broker: one copy is enough to acknowledge. Set min.insync.replicas to 2, ${accept}`
}

function tryNumber(text: string | undefined): number | undefined {
  const value = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : undefined
}
