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

/** An engine that dies delays messages and loses none. */
export const outage = {
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
      const relayed = relay(scene, publisher, batches)
      await shipping.waits(
        () => 'nothing arrived before the engine was killed',
        () => shipping.taken.length >= 100,
      )
      relayed.catch(() => {})
      await scene.subject.kill?.()
      await refusesInTime(scene, publisher)
      await scene.subject.restart?.()
      await within(scene.patienceMs + 30_000, 'publishing again', relayed)
      await shipping.holds(sent)
      // this one was away all the time
      await consumer.consume('mail', mail.deliver())
      await mail.holds(sent)
      for (const inbox of [shipping, mail]) assertOrdered(inbox.taken, sent)
      assertSame(mail.taken, sent)
    },
  },
} as const satisfies Record<string, TransportCheck>

/** Publishes as the relay of an outbox does: in order, the same batch until it is accepted. */
async function relay(
  scene: Scene,
  transport: Transport,
  batches: readonly (readonly CarriedMessage[])[],
): Promise<void> {
  const endMs = clock.monotonicMs() + scene.patienceMs + 30_000
  for (const batch of batches) {
    await sleep(clock, 5)
    for (;;) {
      const error = await transport.publish(batch).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (error === undefined) break
      if (!messagesTransportUnavailable.is(error)) throw error
      if (clock.monotonicMs() > endMs) throw error
      await sleep(clock, 50)
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
