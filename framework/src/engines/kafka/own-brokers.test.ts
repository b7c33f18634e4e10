/** The whole suite on brokers of the user. It cannot end them, so outages are not tried. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { transportSuite } from '../../testing/transport.suite.ts'
import { createCluster } from './cluster.ts'
import { createKafkaTransport } from './index.ts'
import { clock, ownBrokers } from './kafka.fixture.ts'

const run = `banyan-suite-${randomUUID()}`
const how = 'set KAFKA_BROKERS=host:9092,… (plain, no account; topics are created and deleted)'

if (ownBrokers === undefined) {
  // `npm test` repeats titles that begin so; it is no skip, for nothing is missing from this machine
  test(`NOT RUN: messages over real brokers of Kafka; ${how}`, (t) => {
    assert.equal(process.env['KAFKA_BROKERS'], undefined)
    t.diagnostic(`messages over real brokers of Kafka were not tested: ${how}`)
  })
} else {
  const brokers = ownBrokers
  const kafka = createCluster({ brokers, clock })
  const count = await countBrokers()
  after(deleteTopics)
  let made = 0

  // at once, because every new group waits for 3 s
  describe(`against ${brokers.join(', ')}`, { concurrency: 8 }, () => {
    transportSuite(
      'Kafka',
      async () => {
        made += 1
        return {
          application: `${run}-${made} ü`,
          patienceMs: 60_000,
          transport: async () =>
            createKafkaTransport({
              brokers,
              clock,
              leaseMs: 6_000,
              partitions: 3,
              copies: { replicas: Math.min(count, 3), inSync: Math.min(count, 2) },
              acceptSingleCopy: count < 2,
            }),
        }
      },
      { canKill: false },
    )
  })

  async function countBrokers(): Promise<number> {
    const admin = kafka.admin()
    await admin.connect()
    const cluster = await admin.describeCluster()
    await admin.disconnect()
    return cluster.brokers.length
  }

  async function deleteTopics(): Promise<void> {
    const admin = kafka.admin()
    await admin.connect()
    const all = await admin.listTopics()
    const topics = all.filter((topic) => topic.startsWith(`banyan.${run}`))
    if (topics.length > 0) await admin.deleteTopics({ topics, timeout: 10_000 })
    await admin.disconnect()
  }
}
