import { sleep } from '../../kernel/index.ts'
import { Inbox } from './inbox.ts'
import { clock } from './scene.ts'
import { assertOrdered, assertSame, inBatches, messages, seeded } from './sent.ts'
import type { TransportCheck } from './subject.ts'

const consumers = { shipping: ['orders.paid', 'stock.low'] }

export type OrderingCheck = 'twoProcesses' | 'handOver' | 'publishers'

/** Messages of one topic with one key stay in order. */
export const ordering: Readonly<Record<OrderingCheck, TransportCheck>> = {
  twoProcesses: {
    title: 'two processes that consume for one consumer keep the order of every key',
    async run(scene) {
      const { random, seed } = seeded()
      const inbox = new Inbox(scene.patienceMs, () => sleep(clock, random.fraction() * 20))
      const [one, two] = [await scene.open(consumers), await scene.open(consumers)]
      await Promise.all([one, two].map((each) => each.consume('shipping', inbox.deliver())))
      const sent = messages('orders.paid', 1_000, 5)
      for (const batch of inBatches(sent, 50)) await one.publish(batch)
      await inbox.holds(sent).catch((cause: unknown) => {
        throw new Error(`seed ${seed}`, { cause })
      })
      assertSame(inbox.taken, sent)
      assertOrdered(inbox.taken, sent)
    },
  },
  handOver: {
    title: 'a process that takes over from one that stops keeps the order of every key',
    async run(scene) {
      const inbox = new Inbox(scene.patienceMs, () => sleep(clock, 5))
      const [one, two] = [await scene.open(consumers), await scene.open(consumers)]
      const first = await one.consume('shipping', inbox.deliver())
      const sent = messages('orders.paid', 600, 4)
      const batches = inBatches(sent, 50)
      for (const batch of batches.slice(0, 4)) await two.publish(batch)
      await inbox.waits(
        () => 'nothing arrived',
        () => inbox.taken.length > 0,
      )
      await two.consume('shipping', inbox.deliver())
      await Promise.all([
        first.stop(),
        (async () => {
          for (const batch of batches.slice(4)) await two.publish(batch)
        })(),
      ])
      await inbox.holds(sent)
      assertOrdered(inbox.taken, sent)
    },
  },
  publishers: {
    title: 'publishers at the same time lose nothing and keep the order of their own keys',
    async run(scene) {
      const inbox = new Inbox(scene.patienceMs)
      const processes = [await scene.open(consumers), await scene.open(consumers)]
      await processes[0]?.consume('shipping', inbox.deliver())
      const lines = ['orders.paid', 'stock.low'].map((topic) => messages(topic, 300, 3))
      await Promise.all(
        lines.map(async (line, index) => {
          for (const batch of inBatches(line, 20)) await processes[index]?.publish(batch)
        }),
      )
      await inbox.holds(lines.flat())
      for (const line of lines) assertOrdered(inbox.taken, line)
    },
  },
}
