import type { Admin, ITopicConfig } from 'kafkajs'
import { incapable } from './failure.ts'
import type { KafkaTransportOptions } from './options.ts'
import { assertTopic, type TopicFacts, topicBytes } from './topic-promises.ts'

const createMs = 5_000
const copiesDefault = { replicas: 3, inSync: 2 }
const partitionsDefault = 12
/** ConfigResourceTypes.TOPIC; the enum is not a value everywhere. */
const topicResource = 2

/** What is asked of a cluster here. */
export type TopicAdmin = Pick<
  Admin,
  'listTopics' | 'createTopics' | 'fetchTopicMetadata' | 'describeConfigs'
>

/** What a cluster can do. */
export interface ClusterAbility {
  /** It has a controller: it creates topics, tells settings and numbers producers (idempotence). */
  readonly hasController: boolean
}

/** @throws MESSAGES_TRANSPORT_INCAPABLE for a cluster without a controller that was not accepted */
export async function readAbility(
  admin: Admin,
  options: KafkaTransportOptions,
): Promise<ClusterAbility> {
  const { brokers, controller } = await admin.describeCluster()
  const hasController = brokers.some(({ nodeId }) => nodeId === controller)
  if (!hasController && options.acceptUnverified !== true) {
    throw incapable(
      'what it accepts is kept: no broker is the controller, so its settings cannot be read. Wait for one, or accept it: acceptUnverified: true',
    )
  }
  return { hasController }
}

/** Creates the topics that are missing; all of them must keep the promises.
 *  @param wanted  Names in Kafka, each once.
 *  @throws MESSAGES_TRANSPORT_INCAPABLE */
export async function ensureTopics(
  admin: TopicAdmin,
  wanted: readonly string[],
  options: KafkaTransportOptions & ClusterAbility,
): Promise<void> {
  const topics = [...wanted]
  if (topics.length === 0) return
  if (options.hasController) await createMissing(admin, topics, options)
  // also makes brokers that create topics by themselves do so
  const { topics: found } = await admin.fetchTopicMetadata({ topics })
  if (!options.hasController) return
  const settings = await readSettings(admin, topics, options)
  for (const { name, partitions } of found) {
    const replicas = Math.min(...partitions.map((partition) => partition.replicas.length))
    assertTopic({ name, replicas, settings: settings.get(name) ?? new Map() }, options)
  }
}

async function createMissing(
  admin: TopicAdmin,
  topics: readonly string[],
  options: KafkaTransportOptions,
): Promise<void> {
  const existing = new Set(await admin.listTopics())
  const missing = topics.filter((topic) => !existing.has(topic))
  if (missing.length === 0) return
  const { replicas } = options.copies ?? copiesDefault
  try {
    await admin.createTopics({
      topics: missing.map((topic) => topicConfig(topic, options)),
      timeout: createMs,
      waitForLeaders: true,
    })
  } catch (error) {
    if (!hasType(error, 'INVALID_REPLICATION_FACTOR')) throw error
    throw incapable(
      `messages outlive a broker: it has fewer than ${replicas} brokers. Add some, or set copies and acceptSingleCopy`,
    )
  }
}

function topicConfig(topic: string, options: KafkaTransportOptions): ITopicConfig {
  const { partitions = partitionsDefault, copies = copiesDefault, retentionMs = -1 } = options
  const settings = {
    'cleanup.policy': 'delete',
    'retention.ms': String(retentionMs),
    'retention.bytes': '-1',
    'max.message.bytes': String(2 * topicBytes),
    'min.insync.replicas': String(copies.inSync),
    'unclean.leader.election.enable': 'false',
  }
  return {
    topic,
    numPartitions: partitions,
    replicationFactor: copies.replicas,
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
  }
}

async function readSettings(
  admin: TopicAdmin,
  topics: readonly string[],
  { acceptUnverified = false }: KafkaTransportOptions,
): Promise<ReadonlyMap<string, TopicFacts['settings']>> {
  const asked = admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type: topicResource, name })),
  })
  const { resources } = await asked.catch((error: unknown) => {
    if (!hasType(error, 'TOPIC_AUTHORIZATION_FAILED')) throw error
    if (acceptUnverified) return { resources: [] }
    throw incapable(
      'what it accepts is kept: this account may not read the settings of topics. Allow DescribeConfigs, or accept it: acceptUnverified: true',
    )
  })
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  )
}

/** Whether it, or one of the errors that it gathers, is of this type. */
function hasType(error: unknown, type: string): boolean {
  if (typeof error !== 'object' || error === null) return false
  if ('type' in error && error.type === type) return true
  const parts = 'errors' in error && Array.isArray(error.errors) ? error.errors : []
  return parts.some((part) => hasType(part, type))
}
