import assert from 'node:assert/strict'
import { Inbox } from './inbox.ts'
import { assertOrdered, assertSame, inBatches, messages, seeded } from './sent.ts'
import type { TransportCheck } from './subject.ts'

const consumers = { shipping: ['orders.paid'] }

export type RejectingCheck = 'again' | 'random'

/** A batch that an inbox could not commit comes again. */
export const rejecting: Readonly<Record<RejectingCheck, TransportCheck>> = {
  again: {
    title: 'a batch that was rejected is given again, before what follows it',
    async run(scene) {
      const inbox = new Inbox(scene.patienceMs, (_, attempt) => {
        if (attempt <= 3) throw new Error('the database is away')
      })
      const transport = await scene.open(consumers)
      await transport.consume('shipping', inbox.deliver())
      const sent = messages('orders.paid', 200, 4)
      for (const batch of inBatches(sent, 40)) await transport.publish(batch)
      await inbox.holds(sent)
      assertOrdered(inbox.taken, sent)
      assertSame(inbox.taken, sent)
      const [refused, ...others] = inbox.given
      assert.ok(refused !== undefined)
      const again = new Set(others[0]?.map(({ id }) => id))
      const isSame = refused.every(({ id }) => again.has(id))
      assert.ok(isSame, 'what followed a rejected batch was not the same messages')
    },
  },
  random: {
    title:
      'while every tenth batch is rejected at random, 2,000 messages of 20 keys arrive in order',
    async run(scene) {
      const { random, seed } = seeded()
      const inbox = new Inbox(scene.patienceMs, (_, attempt) => {
        if (attempt === 2 || random.fraction() < 0.1) throw new Error('the database is away')
      })
      const [one, two] = [await scene.open(consumers), await scene.open(consumers)]
      await one.consume('shipping', inbox.deliver())
      const sent = messages('orders.paid', 2_000, 20)
      for (const batch of inBatches(sent, 40)) await two.publish(batch)
      try {
        await inbox.holds(sent)
        assertOrdered(inbox.taken, sent)
      } catch (cause) {
        throw new Error(`seed ${seed}`, { cause })
      }
    },
  },
}
