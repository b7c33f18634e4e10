import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sleep } from '../../kernel/index.ts'
import type { CarriedMessage } from '../../messages/index.ts'
import { clock, natsServer, TestNats, until } from './nats-server.fixture.ts'

const topic = 'orders.paid'
const deaths = 6
const perLife = 400

// a restarted server has odd views of what it had delivered: see the states and ghosts of TopicReader
test(
  'a server that is killed again and again loses nothing and breaks no order',
  natsServer,
  async () => {
    await using server = await TestNats.start()
    await using publisher = server.transport()
    await using consumer = server.transport()
    const consumers = [{ name: 'shipping', topics: [topic] }]
    for (const transport of [publisher, consumer]) {
      await transport.open({ application: 'deaths', topics: [topic], consumers })
    }
    const taken: string[] = []
    await consumer.consume('shipping', async (batch) => {
      taken.push(...batch.map(({ id }) => id))
    })
    const sent = Array.from({ length: deaths * perLife }, (_, index): CarriedMessage => {
      const [id, key] = [`m-${index}`, `key-${index % 5}`]
      return { id, name: topic, version: 1, key, payload: '{}', headers: '{}' }
    })
    const relaying = (async () => {
      for (let from = 0; from < sent.length; from += 20) {
        const batch = sent.slice(from, from + 20)
        while (
          !(await publisher.publish(batch).then(
            () => true,
            () => false,
          ))
        )
          await sleep(clock, 50)
        await sleep(clock, 2)
      }
    })()
    for (let death = 0; death < deaths - 1; death += 1) {
      await until(async () => new Set(taken).size >= death * perLife + 150, `life ${death} goes on`)
      await server.kill()
      await server.restart()
    }
    await relaying
    await until(async () => new Set(taken).size >= sent.length, 'all arrive')
    const first = [...new Set(taken)]
    for (const end of ['0', '1', '2', '3', '4']) {
      const ofKey = (id: string): boolean => Number(id.slice(2)) % 5 === Number(end)
      assert.deepEqual(first.filter(ofKey), sent.map(({ id }) => id).filter(ofKey))
    }
  },
)
