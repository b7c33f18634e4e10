import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfigEntries, DescribeConfigResponse, ITopicConfig } from 'kafkajs'
import { messagesTransportIncapable } from '../../messages/index.ts'
import { clock } from './kafka.fixture.ts'
import type { KafkaTransportOptions } from './options.ts'
import { ensureTopics, type TopicAdmin } from './topics.ts'

/** Stands for a cluster with a controller, which the mock has not: what is created there is told back. */
class FakeAdmin {
  readonly created: ITopicConfig[] = []
  readonly #existing: readonly ITopicConfig[]
  readonly #fail: Readonly<Record<string, string>>

  constructor(existing: readonly ITopicConfig[] = [], fail: Readonly<Record<string, string>> = {}) {
    this.#existing = existing
    this.#fail = fail
  }

  as(): TopicAdmin {
    const all = (): readonly ITopicConfig[] => [...this.#existing, ...this.created]
    return {
      listTopics: async () => this.#existing.map(({ topic }) => topic),
      createTopics: async ({ topics }) => {
        this.#failAt('createTopics')
        this.created.push(...topics)
        return true
      },
      fetchTopicMetadata: async () => ({
        topics: all().map(({ topic, replicationFactor = 1 }) => ({
          name: topic,
          partitions: [
            {
              ...{ partitionErrorCode: 0, partitionId: 0, leader: 1, isr: [] },
              replicas: Array.from({ length: replicationFactor }, (_, index) => index),
            },
          ],
        })),
      }),
      describeConfigs: async () => {
        this.#failAt('describeConfigs')
        return { throttleTime: 0, resources: all().map(describe) }
      },
    }
  }

  #failAt(what: string): void {
    const type = this.#fail[what]
    if (type === undefined) return
    // as kafkajs gathers errors of several topics
    throw Object.assign(new Error('several failed'), { errors: [{ type }] })
  }
}

function describe({
  topic,
  configEntries = [],
}: ITopicConfig): DescribeConfigResponse['resources'][number] {
  return {
    ...{ errorCode: 0, errorMessage: '', resourceName: topic },
    resourceType: 2,
    configEntries: configEntries.map(told),
  }
}

function told({ name, value }: { readonly name: string; readonly value: string }): ConfigEntries {
  const synonym: ConfigEntries['configSynonyms'][number] = {
    configName: name,
    configValue: value,
    configSource: 1,
  }
  const flags = { isDefault: false, isSensitive: false, readOnly: false }
  return { ...synonym, ...flags, configSynonyms: [synonym] }
}

function ensure(
  admin: FakeAdmin,
  topics: readonly string[],
  options: Partial<KafkaTransportOptions> = {},
): Promise<void> {
  return ensureTopics(admin.as(), topics, {
    ...{ brokers: ['x:1'], clock, hasController: true },
    ...options,
  })
}

const refuses = (words: RegExp) => (error: unknown) => {
  assert.ok(messagesTransportIncapable.is(error), String(error))
  assert.match(error.message, words)
  return true
}

test('topics that are missing are created so that they keep the promises', async () => {
  const admin = new FakeAdmin([{ topic: 'old', replicationFactor: 3, configEntries: [] }])
  await ensure(admin, ['old', 'new'])
  assert.deepEqual(admin.created, [
    {
      topic: 'new',
      numPartitions: 12,
      replicationFactor: 3,
      configEntries: [
        { name: 'cleanup.policy', value: 'delete' },
        { name: 'retention.ms', value: '-1' },
        { name: 'retention.bytes', value: '-1' },
        { name: 'max.message.bytes', value: '2228224' },
        { name: 'min.insync.replicas', value: '2' },
        { name: 'unclean.leader.election.enable', value: 'false' },
      ],
    },
  ])
})

test('partitions, copies and retention of new topics are as the options say', async () => {
  const admin = new FakeAdmin()
  const copies = { replicas: 5, inSync: 3 }
  await ensure(admin, ['a'], { partitions: 4, copies, retentionMs: 86_400_000 })
  const [topic] = admin.created
  assert.equal(topic?.numPartitions, 4)
  assert.equal(topic.replicationFactor, 5)
  const settings = new Map(topic.configEntries?.map(({ name, value }) => [name, value]))
  assert.equal(settings.get('retention.ms'), '86400000')
  assert.equal(settings.get('min.insync.replicas'), '3')
})

test('a topic that exists with settings that lose messages is refused', async () => {
  const configEntries = [{ name: 'retention.ms', value: '1000' }]
  const admin = new FakeAdmin([{ topic: 'old', replicationFactor: 3, configEntries }])
  await assert.rejects(ensure(admin, ['old']), refuses(/retention\.ms is 1000.*topic old/))
  assert.deepEqual(admin.created, [])
})

test('a cluster with too few brokers for the copies is refused', async () => {
  const admin = new FakeAdmin([], { createTopics: 'INVALID_REPLICATION_FACTOR' })
  await assert.rejects(ensure(admin, ['a']), refuses(/fewer than 3 brokers/))
})

test('an account that may not read settings is refused, unless that is accepted', async () => {
  const admin = new FakeAdmin([], { describeConfigs: 'TOPIC_AUTHORIZATION_FAILED' })
  await assert.rejects(ensure(admin, ['a']), refuses(/DescribeConfigs/))
  await ensure(admin, ['b'], { acceptUnverified: true })
})

test('other failures of the cluster pass as they are', async () => {
  const admin = new FakeAdmin([], { createTopics: 'POLICY_VIOLATION' })
  await assert.rejects(ensure(admin, ['a']), /several failed/)
})
