import { nuid } from '@nats-io/transport-node'
import {
  type CarriedMessage,
  type Consumption,
  type Deliver,
  messagesTransportUnavailable,
  type Transport,
  type TransportDeclaration,
} from '../../messages/index.ts'
import { writeHeaders } from './carried-form.ts'
import { NatsConsumption } from './consumption.ts'
import { within } from './deadline.ts'
import { incapable, unavailable } from './failure.ts'
import { NatsLink } from './link.ts'
import { type Names, namesOf } from './names.ts'
import type { NatsTransportOptions } from './options.ts'
import { planRounds } from './publish-rounds.ts'
import { assertServer, ensureDurable, ensureLeases, ensureStream } from './streams.ts'
import { assertSynced } from './sync-check.ts'

const publishMs = 9_000
const openMs = 9_500
const bytesMaxDefault = 1024 * 1024 * 1024
const leaseMsDefault = 10_000

export class NatsTransport implements Transport {
  readonly engine = 'nats'
  readonly #options: NatsTransportOptions
  readonly #topicsOf = new Map<string, ReadonlySet<string>>()
  readonly #consumptions = new Set<NatsConsumption>()
  #link: NatsLink | undefined
  #names: Names | undefined
  #opening: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: NatsTransportOptions) {
    this.#options = options
  }

  /** One after the other: a second one adds to what the first one declared. */
  open(declaration: TransportDeclaration): Promise<void> {
    const opened = this.#opening.then(() =>
      within(this.#options.clock, this.#open(declaration), { limitMs: openMs, doing: 'opening' }),
    )
    this.#opening = opened.catch(() => {})
    return opened
  }

  async #open({ application, consumers }: TransportDeclaration): Promise<void> {
    if (this.#isClosed) throw unavailable(new Error('the transport was closed'))
    await assertSynced(this.#options)
    const link = (this.#link ??= await NatsLink.open(this.#options))
    // disposed meanwhile: nobody else would close it
    if (this.#isClosed) {
      await link.close()
      throw unavailable(new Error('the transport was closed'))
    }
    try {
      const names = namesOf(application)
      await assertServer(link)
      await this.#ensure(link, names, consumers)
      this.#names = names
    } catch (error) {
      throw unavailable(error)
    }
  }

  async #ensure(
    { manager }: NatsLink,
    names: Names,
    consumers: TransportDeclaration['consumers'],
  ): Promise<void> {
    const { bytesMax = bytesMaxDefault, leaseMs = leaseMsDefault, replicas = 1 } = this.#options
    await ensureStream(manager, names, { bytesMax, replicas })
    await ensureLeases(manager, names, replicas)
    for (const { name: consumer, topics } of consumers) {
      for (const topic of topics) {
        await ensureDurable(manager, names.stream, {
          name: names.durableOf(consumer, topic),
          subject: names.subjectOf(topic),
          leaseMs,
        })
      }
      this.#topicsOf.set(consumer, new Set(topics))
    }
  }

  async publish(batch: readonly CarriedMessage[]): Promise<void> {
    const { link, names } = this.#opened()
    const { clock } = this.#options
    const untilMs = clock.monotonicMs() + publishMs
    for (const round of planRounds(batch)) {
      const leftMs = Math.floor(untilMs - clock.monotonicMs())
      // what is written while the connection is away would arrive without its predecessors
      if (!link.isUp) throw unavailable(new Error('the connection is lost'))
      if (leftMs <= 0) throw unavailable(new Error(`no answer within ${publishMs} ms`))
      await this.#publishRound(link, names, round, leftMs)
    }
  }

  async #publishRound(
    link: NatsLink,
    names: Names,
    round: readonly CarriedMessage[],
    timeout: number,
  ): Promise<void> {
    const expect = { streamName: names.stream }
    const publishing = Promise.allSettled(
      round.map((message) =>
        link.jetstream.publish(names.subjectOf(message.name), message.payload, {
          headers: writeHeaders(message),
          expect,
          timeout,
        }),
      ),
    )
    const answers = await link
      .whileUp(publishing)
      .catch((error) => Promise.reject(unavailable(error)))
    const failed = answers.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw unavailable(failed.reason)
  }

  async consume(consumer: string, deliver: Deliver): Promise<Consumption> {
    const { link, names } = this.#opened()
    const topics = this.#topicsOf.get(consumer)
    if (topics === undefined) {
      throw incapable(`${consumer} hears anything: it was not declared at open`)
    }
    const { clock, leaseMs = leaseMsDefault } = this.#options
    const consumption = new NatsConsumption(link, {
      clock,
      names,
      consumer,
      topics: [...topics],
      owner: nuid.next(),
      leaseMs,
      deliver,
    })
    this.#consumptions.add(consumption)
    return consumption
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#opening
    await Promise.all([...this.#consumptions].map((consumption) => consumption.abandon()))
    await this.#link?.close()
  }

  #opened(): { link: NatsLink; names: Names } {
    if (this.#link === undefined || this.#names === undefined || this.#isClosed) {
      const reason = this.#isClosed ? 'the transport was closed' : 'the transport is not open'
      throw messagesTransportUnavailable({ engine: this.engine, reason })
    }
    return { link: this.#link, names: this.#names }
  }
}
