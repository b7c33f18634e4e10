import { after, describe } from 'node:test'
import { transportSuite } from '../../testing/transport.suite.ts'
import { kcat, MockCluster } from './kafka.fixture.ts'

const cluster = kcat.skip === undefined ? await MockCluster.start() : undefined
after(() => cluster?.[Symbol.asyncDispose]())
let made = 0

// at once, because every new group waits for 3 s
describe('against a mock cluster', { concurrency: 16 }, () => {
  transportSuite(
    'Kafka (mock)',
    async () => {
      if (cluster === undefined) throw new Error('no cluster')
      made += 1
      return { application: `shop.${made} ü`, transport: async () => cluster.transport() }
    },
    { ...kcat, canKill: false },
  )
})
