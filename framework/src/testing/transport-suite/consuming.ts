import assert from 'node:assert/strict'
import { sleep } from '../../kernel/index.ts'
import { Inbox } from './inbox.ts'
import { clock, within } from './scene.ts'
import { assertOrdered, assertSame, messages } from './sent.ts'
import type { TransportCheck } from './subject.ts'

const consumers = { shipping: ['orders.paid'] }
/** A stop may take 10 s; so may the end of a transport whose batch does not end. */
const stopMs = 15_000

export type ConsumingCheck = 'backlog' | 'crash' | 'acknowledged' | 'stop'

/** Consumers come, go and die. */
export const consuming: Readonly<Record<ConsumingCheck, TransportCheck>> = {
  backlog: {
    title: 'a consumer that was declared but away gets all that was published meanwhile',
    async run(scene) {
      const publisher = await scene.open(consumers)
      const sent = messages('orders.paid', 300, 3)
      await publisher.publish(sent)
      await publisher[Symbol.asyncDispose]()
      const inbox = new Inbox(scene.patienceMs)
      const later = await scene.open(consumers)
      await later.consume('shipping', inbox.deliver())
      await inbox.holds(sent)
      assertOrdered(inbox.taken, sent)
    },
  },
  crash: {
    title: 'what a process had not committed when it ended goes to another one, in order',
    async run(scene) {
      const held = Promise.withResolvers<void>()
      const dying = new Inbox(scene.patienceMs, () => held.promise)
      const inbox = new Inbox(scene.patienceMs)
      const [one, two] = [await scene.open(consumers), await scene.open(consumers)]
      await one.consume('shipping', dying.deliver())
      const sent = messages('orders.paid', 100, 3)
      await two.publish(sent)
      await dying.waits(
        () => 'nothing was given',
        () => dying.given.length > 0,
      )
      await two.consume('shipping', inbox.deliver())
      held.promise.catch(() => {})
      const ended = within(
        stopMs,
        'the end of a transport',
        Promise.resolve(one[Symbol.asyncDispose]()),
      )
      held.reject(new Error('the process died'))
      await ended
      await inbox.holds(sent)
      assertOrdered(inbox.taken, sent)
    },
  },
  acknowledged: {
    title: 'what was committed and acknowledged does not come again',
    async run(scene) {
      const [one, two] = [await scene.open(consumers), await scene.open(consumers)]
      const [first, second] = [new Inbox(scene.patienceMs), new Inbox(scene.patienceMs)]
      const consumption = await one.consume('shipping', first.deliver())
      const sent = messages('orders.paid', 60, 3)
      await one.publish(sent)
      await first.holds(sent)
      await consumption.stop()
      await two.consume('shipping', second.deliver())
      const more = messages('orders.paid', 10)
      await one.publish(more)
      await second.holds(more)
      await sleep(clock, scene.calmMs)
      assertSame(second.taken, more)
    },
  },
  stop: {
    title: 'stop waits for the batch under way, and nothing is taken after it',
    async run(scene) {
      const held = Promise.withResolvers<void>()
      const inbox = new Inbox(scene.patienceMs, () => held.promise)
      const transport = await scene.open(consumers)
      const consumption = await transport.consume('shipping', inbox.deliver())
      const sent = messages('orders.paid', 20, 3)
      await transport.publish(sent)
      await inbox.waits(
        () => 'nothing was given',
        () => inbox.given.length > 0,
      )
      let isStopped = false
      const stopped = consumption.stop().then(() => (isStopped = true))
      await sleep(clock, scene.calmMs)
      assert.ok(!isStopped, 'stop did not wait for the batch under way')
      held.resolve()
      await within(stopMs, 'stop', stopped)
      await consumption.stop()
      const taken = inbox.given.length
      const more = messages('orders.paid', 20, 3)
      await transport.publish(more)
      await sleep(clock, scene.calmMs)
      assert.equal(inbox.given.length, taken, 'a batch was given after stop')
      const rest = new Inbox(scene.patienceMs)
      await transport.consume('shipping', rest.deliver())
      const ids = new Set(inbox.taken.map(({ id }) => id))
      await rest.holds([...sent, ...more].filter(({ id }) => !ids.has(id)))
    },
  },
}
