import type { Msg, Subscription } from '@nats-io/transport-node'
import { createInbox } from '@nats-io/transport-node'
import type { Clock } from '../../kernel/index.ts'
import type { CarriedMessage } from '../../messages/index.ts'
import { tryReadMessage } from './carried-form.ts'
import { type Delivery, tryReadDelivery } from './delivery.ts'
import type { NatsLink } from './link.ts'
import { hasNoOther } from './stream-gaps.ts'
import { pendingMax } from './streams.ts'

/** A message that was received and is not acknowledged. */
export interface HeldMessage {
  readonly sequence: number
  /** Where it is acknowledged. */
  readonly reply: string
  readonly bytes: number
  /** Undefined: somebody else published it; it is acknowledged, not delivered. */
  readonly message: CarriedMessage | undefined
}

const expiresMs = 20_000
const heartbeatMs = 3_000
const silenceMs = 8_000
const pullBytesMax = 8 * 1024 * 1024
const infoPauseMs = 100
const ackMs = 5_000
const proofPauseMs = 400
const nanosPerMs = 1_000_000

/** Reads one durable consumer (one topic for one module) in order, without holes.
 *
 *  The server gives each message once and, when it is not acknowledged, again later, while newer ones go
 *  on. What was on its way to a connection that broke, or to a process that died, so comes after its
 *  successors. Therefore two states:
 *  - settling: nothing is delivered until the messages that are held here are all that the server waits
 *    for (`num_ack_pending`), or all that the stream has up to the last of them. The server gives the
 *    missing ones again when their time is over.
 *  - flowing: every delivery bears the number after the last one. Any other number, a reconnection or a
 *    server that fell silent leads back to settling.
 *  Held messages are delivered by their sequence in the stream, and one acknowledgement covers all up to
 *  it. Invariant: whatever precedes a delivered message was delivered before or with it.
 *
 *  Limits: 256 messages and about 16 MiB held. */
export class TopicReader {
  readonly #link: NatsLink
  readonly #clock: Clock
  readonly #stream: string
  readonly #durable: string
  readonly #subject: string
  readonly #leaseMs: number
  readonly #wake: () => void
  readonly #inbox = createInbox()
  readonly #subscription: Subscription
  readonly #forget: () => void
  #held = new Map<number, HeldMessage>()
  #state: 'settling' | 'flowing' | 'closed' = 'settling'
  #isAsking = false
  #askedMs = Number.NEGATIVE_INFINITY
  /** The number that the next delivery must bear. */
  #expected = 0
  #deliveryMax = 0
  #sequenceMax = 0
  #floor = 0
  /** What the open request may still bring; 0 when none is open. */
  #requested = 0
  #heardMs = 0
  #arrivedMs = 0
  #proofMs = 0
  #keptMs = 0
  #server = ''

  constructor(
    link: NatsLink,
    options: {
      readonly clock: Clock
      readonly stream: string
      readonly durable: string
      readonly subject: string
      /** After this long, the server gives again what is not acknowledged. */
      readonly leaseMs: number
      readonly wake: () => void
    },
  ) {
    this.#link = link
    this.#clock = options.clock
    this.#stream = options.stream
    this.#durable = options.durable
    this.#subject = options.subject
    this.#leaseMs = options.leaseMs
    this.#wake = options.wake
    this.#subscription = link.connection.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error === null) this.#receive(message)
      },
    })
    this.#forget = link.onReconnect(() => this.#restart())
    this.#restart()
  }

  /** Takes what may be delivered now, in order: at most so many messages, and bytes beyond the first. */
  take(countMax: number, bytesMax: number): readonly HeldMessage[] {
    if (this.#state !== 'flowing') return []
    const taken: HeldMessage[] = []
    let bytes = 0
    for (const held of this.#held.values()) {
      bytes += held.bytes
      if (taken.length >= countMax || (taken.length > 0 && bytes > bytesMax)) break
      taken.push(held)
    }
    return taken
  }

  /** Acknowledges the messages that `take` gave; rejects when the server did not say that it knows. They
   *  are then given again. */
  async acknowledge(taken: readonly HeldMessage[]): Promise<void> {
    const last = taken.findLast(({ sequence }) => this.#held.has(sequence))
    if (last === undefined) return
    try {
      const reply = this.#held.get(last.sequence)?.reply ?? last.reply
      await this.#link.whileUp(this.#link.connection.request(reply, '+ACK', { timeout: ackMs }))
    } catch (error) {
      this.#settle()
      throw error
    }
    this.#dropUpTo(last.sequence)
    this.#pull()
  }

  /** Looks after requests and answers that were lost; to be called about every 250 ms. */
  tick(): void {
    if (this.#state === 'closed' || !this.#link.isUp) return
    const isSilent = this.#clock.monotonicMs() - this.#heardMs > silenceMs
    if (this.#requested > 0 && isSilent) {
      this.#requested = 0
      this.#doubt()
    }
    this.#keep()
    this.#pull()
    if (this.#state === 'settling') void this.#ask()
  }

  /** Gives back what is held, for others to have it at once. */
  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#forget()
    this.#subscription.unsubscribe()
    if (!this.#link.isUp || this.#link.connection.isClosed()) return
    for (const { reply } of this.#held.values()) this.#link.connection.publish(reply, '-NAK')
  }

  #restart(): void {
    const server = this.#link.connection.info?.server_id ?? ''
    if (server !== this.#server) this.#held.clear()
    this.#server = server
    this.#requested = 0
    this.#doubt()
    this.#pull()
    void this.#ask()
  }

  /** A server that was restarted, or another one in its place, may count from where it last wrote: a
   *  number of a delivery may come again, and so may a sequence, for another message. */
  #doubt(): void {
    this.#deliveryMax = 0
    this.#settle()
  }

  /** Asks for more time for what is held, so that it is not given again while a module is slow. */
  #keep(): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#keptMs < this.#leaseMs / 3) return
    this.#keptMs = nowMs
    for (const { reply } of this.#held.values()) this.#link.connection.publish(reply, '+WPI')
  }

  #settle(): void {
    if (this.#state === 'flowing') this.#state = 'settling'
  }

  #receive(received: Msg): void {
    this.#heardMs = this.#clock.monotonicMs()
    const delivery = tryReadDelivery(received.reply)
    if (delivery === undefined) this.#readStatus(received.headers)
    else this.#hold(received, delivery)
    this.#pull()
  }

  /** 100 is a sign of life; all else ends the request: nothing came in time, its bytes are used up, or
   *  the consumer is kept by another server now. */
  #readStatus(status: Msg['headers']): void {
    const { code = 0, description = '' } = status ?? {}
    if (code === 100) return
    this.#requested = 0
    if (code !== 409 || !/leadership|shutdown|deleted/i.test(description)) return
    this.#held.clear()
    this.#doubt()
  }

  #hold(received: Msg, delivery: Delivery): void {
    this.#requested = Math.max(0, this.#requested - 1)
    this.#deliveryMax = Math.max(this.#deliveryMax, delivery.number)
    const { sequence } = delivery
    this.#arrivedMs = this.#clock.monotonicMs()
    const isNext = delivery.number === this.#expected && sequence > this.#sequenceMax
    this.#expected = delivery.number + 1
    if (sequence <= this.#floor) {
      // acknowledged before, and the server forgot
      received.respond('+ACK')
    } else {
      const { data, headers } = received
      const message = tryReadMessage(headers, data)
      const reply = received.reply ?? ''
      this.#held.set(sequence, { sequence, reply, bytes: data.length, message })
      this.#sequenceMax = Math.max(this.#sequenceMax, sequence)
    }
    if (!isNext) this.#settle()
    if (this.#state === 'settling') void this.#ask()
    else this.#wake()
  }

  #pull(): void {
    if (this.#state === 'closed' || this.#requested > 0 || !this.#link.isUp) return
    // while it settles, what is missing must be able to come
    if (this.#state === 'flowing' && this.#isFull()) return
    this.#requested = pendingMax
    this.#heardMs = this.#clock.monotonicMs()
    const request = {
      batch: pendingMax,
      expires: expiresMs * nanosPerMs,
      idle_heartbeat: heartbeatMs * nanosPerMs,
      max_bytes: pullBytesMax,
    }
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#durable}`
    this.#link.connection.publish(subject, JSON.stringify(request), { reply: this.#inbox })
  }

  #isFull(): boolean {
    if (this.#held.size > pendingMax / 2) return true
    let bytes = 0
    for (const held of this.#held.values()) bytes += held.bytes
    return bytes > pullBytesMax
  }

  /** Asks the server what it waits for, at most every 100 ms. */
  async #ask(): Promise<void> {
    const nowMs = this.#clock.monotonicMs()
    if (this.#isAsking || nowMs - this.#askedMs < infoPauseMs) return
    this.#isAsking = true
    this.#askedMs = nowMs
    try {
      const { manager } = this.#link
      const asked = manager.consumers.info(this.#stream, this.#durable)
      const info = await this.#link.whileUp(asked)
      if (this.#state !== 'settling') return
      // an answer from before the last delivery says nothing about it
      if (info.delivered.consumer_seq < this.#deliveryMax) return
      this.#dropUpTo(info.ack_floor.stream_seq)
      this.#floor = info.ack_floor.stream_seq
      // not by info.delivered.stream_seq: after a restart it may lag behind (seen in 2.9.10)
      if (info.num_ack_pending === this.#held.size) this.#flow(info.delivered.consumer_seq)
      else if (await this.#isProven()) this.#flow(this.#deliveryMax)
    } catch {
      // away; the next tick asks again
    } finally {
      this.#isAsking = false
    }
  }

  /** Looks into the stream, when the count of the server has not come true for a while, for messages that
   *  are missing here. A server that was killed may count wrongly for ever (seen in 2.9.10): messages
   *  that it has already deleted, or one that it delivered twice and acknowledged once. */
  async #isProven(): Promise<boolean> {
    const nowMs = this.#clock.monotonicMs()
    const deliveryMax = this.#deliveryMax
    if (nowMs - this.#arrivedMs < proofPauseMs || nowMs - this.#proofMs < proofPauseMs) return false
    this.#proofMs = nowMs
    const held = [...this.#held.keys()].toSorted((one, other) => one - other)
    const place = { stream: this.#stream, subject: this.#subject, after: this.#floor }
    const isAll = await this.#link.whileUp(hasNoOther(this.#link.manager, place, held))
    return isAll && this.#state === 'settling' && deliveryMax === this.#deliveryMax
  }

  #flow(delivered: number): void {
    this.#held = new Map([...this.#held].toSorted(([one], [other]) => one - other))
    this.#sequenceMax = Math.max(this.#floor, ...this.#held.keys())
    this.#expected = delivered + 1
    this.#state = 'flowing'
    this.#wake()
  }

  #dropUpTo(sequence: number): void {
    this.#floor = Math.max(this.#floor, sequence)
    for (const one of this.#held.keys()) {
      if (one <= sequence) this.#held.delete(one)
    }
  }
}
