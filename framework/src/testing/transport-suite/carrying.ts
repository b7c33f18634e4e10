import assert from 'node:assert/strict'
import { sleep } from '../../kernel/index.ts'
import { payloadBytesMax } from '../../messages/index.ts'
import { Inbox } from './inbox.ts'
import { clock, topics } from './scene.ts'
import { assertOrdered, assertSame, message, messages } from './sent.ts'
import type { TransportCheck } from './subject.ts'

const unicode = '{"text":"Grüße, 世界 👩‍👩‍👧 \\u0000 \u2028 \\n"}'
const largest = `"${'é'.repeat(payloadBytesMax / 2 - 1)}"`

/** All that a message may look like. */
function unusual(): ReturnType<typeof message>[] {
  const topic = 'orders.paid'
  return [
    message(topic, undefined),
    message(topic, ''),
    message(topic, 'a.b #*> 日本 \u0001\n', { version: 2_147_483_647 }),
    message(topic, 'k'.repeat(1_000), { payload: unicode }),
    message(topic, undefined, { payload: largest }),
    message(topic, 'a', { headers: JSON.stringify({ text: 'ü'.repeat(2_000) }) }),
    message(topic, 'a', { payload: 'null', headers: '{"publishedAtMs":1}' }),
  ]
}

export type CarryingCheck = 'equal' | 'largestBatch' | 'fanOut' | 'unheard' | 'apart' | 'reopened'

/** What is published arrives as it was, at those who want it. */
export const carrying: Readonly<Record<CarryingCheck, TransportCheck>> = {
  equal: {
    title: 'messages arrive complete and equal: large, unicode, with headers, without a key',
    async run(scene) {
      const transport = await scene.open({ shipping: ['orders.paid'] })
      const inbox = new Inbox(scene.patienceMs)
      await transport.consume('shipping', inbox.deliver())
      const sent = unusual()
      await transport.publish(sent)
      await inbox.holds(sent)
      assertSame(inbox.taken, sent)
    },
  },
  largestBatch: {
    title: 'a batch of 1,000 messages arrives in its order',
    async run(scene) {
      const transport = await scene.open({ shipping: ['orders.paid'] })
      const inbox = new Inbox(scene.patienceMs)
      await transport.consume('shipping', inbox.deliver())
      const sent = messages('orders.paid', 1_000)
      await transport.publish(sent)
      await inbox.holds(sent)
      assertOrdered(inbox.taken, sent)
    },
  },
  fanOut: {
    title: 'every consumer gets all of its topics and nothing else',
    async run(scene) {
      const consumers: Record<string, readonly string[]> = {
        shipping: ['orders.paid', 'stock.low'],
        mail: ['orders.paid', 'notifications.jobs.sendConfirmation'],
        audit: ['orders'],
      }
      const transport = await scene.open(consumers)
      const sent = topics.flatMap((topic) => messages(topic, 30, 3))
      const inboxes = await Promise.all(
        Object.keys(consumers).map(async (name) => {
          const inbox = new Inbox(scene.patienceMs)
          await transport.consume(name, inbox.deliver())
          return { inbox, wanted: sent.filter((each) => consumers[name]?.includes(each.name)) }
        }),
      )
      await transport.publish(sent)
      for (const { inbox, wanted } of inboxes) await inbox.holds(wanted)
      await sleep(clock, scene.calmMs)
      for (const { inbox, wanted } of inboxes) assertSame(inbox.taken, wanted)
    },
  },
  unheard: {
    title: 'publishing to a topic without consumers resolves',
    async run(scene) {
      const transport = await scene.open({ shipping: ['orders.paid'] })
      const inbox = new Inbox(scene.patienceMs)
      await transport.consume('shipping', inbox.deliver())
      const heard = messages('orders.paid', 3)
      await transport.publish([...messages('unheard.of', 3), ...heard])
      await transport.publish(messages('unheard.of', 3))
      await inbox.holds(heard)
      assertSame(inbox.taken, heard)
    },
  },
  apart: {
    title: 'two applications on one engine do not hear each other',
    async run(scene) {
      const names = [scene.subject.application, `${scene.subject.application}-twin`]
      const sides = await Promise.all(
        names.map(async (application) => {
          const transport = await scene.open({ shipping: ['orders.paid'] }, application)
          const inbox = new Inbox(scene.patienceMs)
          await transport.consume('shipping', inbox.deliver())
          return { transport, inbox, sent: messages('orders.paid', 20) }
        }),
      )
      for (const { transport, sent } of sides) await transport.publish(sent)
      for (const { inbox, sent } of sides) await inbox.holds(sent)
      await sleep(clock, scene.calmMs)
      for (const { inbox, sent } of sides) assertSame(inbox.taken, sent)
    },
  },
  reopened: {
    title: 'opening again, at once from many processes or with more consumers, keeps what is there',
    async run(scene) {
      const consumers = { shipping: ['orders.paid'] }
      const [first] = await Promise.all([1, 2, 3].map(() => scene.open(consumers)))
      assert.ok(first !== undefined)
      const sent = messages('orders.paid', 10)
      await first.publish(sent)
      const later = await scene.open({ ...consumers, mail: ['orders.paid', 'stock.low'] })
      const more = messages('orders.paid', 10)
      await first.publish(more)
      const [shipping, mail] = [new Inbox(scene.patienceMs), new Inbox(scene.patienceMs)]
      await later.consume('shipping', shipping.deliver())
      await later.consume('mail', mail.deliver())
      await shipping.holds([...sent, ...more])
      await mail.holds(more)
      assertOrdered(shipping.taken, [...sent, ...more])
    },
  },
}
