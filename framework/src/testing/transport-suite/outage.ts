import assert from 'node:assert/strict'
import { sleep } from '../../kernel/index.ts'
import {
  type CarriedMessage,
  messagesTransportUnavailable,
  type Transport,
} from '../../messages/index.ts'
import { Inbox } from './inbox.ts'
import { clock, declarationOf, within } from './scene.ts'
import { assertOrdered, assertSame, inBatches, messages } from './sent.ts'
import type { Scene, TransportCheck } from './subject.ts'

const consumers = { shipping: ['orders.paid'], mail: ['orders.paid'] }
/** The port says 10 s; a busy machine may be late with its timer. */
const refusalMsMax = 11_500

export type OutageCheck = 'killed'

/** An engine that dies delays messages and loses none. */
export const outage: Readonly<Record<OutageCheck, TransportCheck>> = {
  killed: {
    title: 'an engine that is killed refuses in time, comes back, and has lost nothing it accepted',
    needsKill: true,
    async run(scene) {
      const [publisher, consumer] = [await scene.open(consumers), await scene.open(consumers)]
      const [shipping, mail] = [new Inbox(scene.patienceMs), new Inbox(scene.patienceMs)]
      await consumer.consume('shipping', shipping.deliver())
      const sent = messages('orders.paid', 1_500, 5)
      const batches = inBatches(sent, 25)
      // under load: the batches that are on their way when it dies count too
      const relay = new Relay(scene.patienceMs + 30_000)
      const relayed = relay.publish(publisher, batches)
      // a check that fails first does not wait for it
      relayed.catch(() => {})
      try {
        await shipping.waits(
          () => 'nothing arrived before the engine was killed',
          () => shipping.taken.length >= 100,
        )
        await scene.subject.kill?.()
        await refusesInTime(scene, publisher)
        await scene.subject.restart?.()
        await relayed
      } finally {
        relay.end()
      }
      await shipping.holds(sent)
      // this one was away all the time
      await consumer.consume('mail', mail.deliver())
      await mail.holds(sent)
      for (const inbox of [shipping, mail]) assertOrdered(inbox.taken, sent)
      assertSame(mail.taken, sent)
    },
  },
}

/** Publishes as the relay of an outbox does: in order, the same batch until it is accepted. */
class Relay {
  readonly #endMs: number
  #isOver = false

  constructor(patienceMs: number) {
    this.#endMs = clock.monotonicMs() + patienceMs
  }

  end(): void {
    this.#isOver = true
  }

  async publish(
    transport: Transport,
    batches: readonly (readonly CarriedMessage[])[],
  ): Promise<void> {
    for (const batch of batches) {
      while (!(await this.#isAccepted(transport, batch))) await sleep(clock, 50)
      await sleep(clock, 5)
    }
  }

  async #isAccepted(transport: Transport, batch: readonly CarriedMessage[]): Promise<boolean> {
    if (this.#isOver) throw new Error('the check is over')
    try {
      await transport.publish(batch)
      return true
    } catch (error) {
      const isLate = clock.monotonicMs() > this.#endMs
      if (isLate || !messagesTransportUnavailable.is(error)) throw error
      return false
    }
  }
}

/** Whoever asks while it is down gets the coded error, in time: known and unknown processes. */
async function refusesInTime(scene: Scene, known: Transport): Promise<void> {
  const unavailable = (error: unknown): boolean => messagesTransportUnavailable.is(error)
  const { refusalMs = refusalMsMax } = scene.subject
  const unheard = messages('unheard.of', 1)
  await using stranger = await scene.subject.transport()
  const opening = stranger.open(declarationOf(scene.subject.application, consumers))
  await Promise.all([
    assert.rejects(within(refusalMs, 'publish while down', known.publish(unheard)), unavailable),
    assert.rejects(within(refusalMs, 'open while down', opening), unavailable),
  ])
}
