import { sleep } from '../../kernel/index.ts'
import type {
  CarriedMessage,
  Consumption,
  Deliver,
  Transport,
  TransportDeclaration,
} from '../../messages/index.ts'
import { RabbitmqConsumption } from './consumption.ts'
import { within } from './deadline.ts'
import { declare } from './declare.ts'
import { incapable, unavailable } from './failure.ts'
import { Link } from './link.ts'
import { assertNames, namesOf } from './names.ts'
import { batchMaxDefault, type RabbitmqTransportOptions, settleMsDefault } from './options.ts'
import { Publisher } from './publisher.ts'

/** Below the port's 10 s. */
const openMs = 9_000
const publishMs = 9_000
/** A queue that is created again within 0.1 s of its deletion takes messages and gives none (seen with 3.10.8). */
const recreateMs = 1_000

interface Links {
  readonly publishing: Link
  readonly consuming: Link
}

/** What exists once a transport is open. */
interface Opened extends Links {
  readonly declaration: TransportDeclaration
  readonly publisher: Publisher
}

export class RabbitmqTransport implements Transport {
  readonly engine = 'rabbitmq'
  readonly #options: RabbitmqTransportOptions
  readonly #consumptions = new Set<RabbitmqConsumption>()
  /** Topics of declared consumers: one of them without a queue is no normal case. */
  readonly #heard = new Set<string>()
  #links: Links | undefined
  #opened: Opened | undefined
  #isClosed = false
  #mustDeclare = false

  constructor(options: RabbitmqTransportOptions) {
    this.#options = options
  }

  async open(declaration: TransportDeclaration): Promise<void> {
    if (this.#isClosed) throw unavailable(new Error('the transport was closed'))
    assertNames(declaration)
    this.#links ??= {
      publishing: new Link(this.#options, 'publishing'),
      consuming: new Link(this.#options, 'consuming'),
    }
    await this.#declare(this.#links.publishing, declaration, async () => {})
    for (const { topics } of declaration.consumers) {
      for (const topic of topics) this.#heard.add(topic)
    }
    this.#opened ??= this.#opening(this.#links, declaration)
    this.#opened = { ...this.#opened, declaration: joined(this.#opened.declaration, declaration) }
  }

  #opening(links: Links, declaration: TransportDeclaration): Opened {
    const { application } = declaration
    const publisher = new Publisher({
      clock: this.#options.clock,
      link: links.publishing,
      exchange: namesOf(application).exchange,
      application,
      isHeard: (topic) => this.#heard.has(topic),
    })
    return { ...links, declaration, publisher }
  }

  /** Once more, after something was missing. */
  #declareAgain(link: Link): Promise<void> {
    const { declaration } = this.#assertOpened()
    return this.#declare(link, declaration, () => sleep(this.#options.clock, recreateMs))
  }

  async #declare(
    link: Link,
    declaration: TransportDeclaration,
    beforeCreation: () => Promise<void>,
  ): Promise<void> {
    const { clock, settleMs = settleMsDefault } = this.#options
    try {
      const work = declare(link, declaration, beforeCreation)
      const isNew = await within(clock, openMs - settleMs, { what: 'the declaration', work })
      if (isNew) await sleep(clock, settleMs)
    } catch (error) {
      throw unavailable(error)
    }
  }

  async publish(batch: readonly CarriedMessage[]): Promise<void> {
    const { publisher, publishing } = this.#assertOpened()
    const { clock } = this.#options
    const endMs = clock.monotonicMs() + publishMs
    try {
      // a queue that was deleted must be there again before anything is accepted for it
      if (this.#mustDeclare) await this.#declareAgain(publishing)
      this.#mustDeclare = false
      await publisher.publish(batch, Math.max(1, endMs - clock.monotonicMs()))
    } catch (error) {
      this.#mustDeclare = true
      throw unavailable(error)
    }
  }

  async consume(consumer: string, deliver: Deliver): Promise<Consumption> {
    const { consuming, declaration } = this.#assertOpened()
    if (!declaration.consumers.some(({ name }) => name === consumer)) {
      throw incapable(`"${consumer}" gets anything: it was not declared at open`)
    }
    const { clock, batchMax = batchMaxDefault, report = () => {} } = this.#options
    const consumption = new RabbitmqConsumption({
      clock,
      link: consuming,
      queue: namesOf(declaration.application).queueOf(consumer),
      batchMax,
      deliver,
      report,
      declare: () => this.#declareAgain(consuming),
    })
    this.#consumptions.add(consumption)
    return {
      stop: async () => {
        await consumption.stop()
        this.#consumptions.delete(consumption)
      },
    }
  }

  #assertOpened(): Opened {
    if (this.#opened === undefined || this.#isClosed) {
      const state = this.#isClosed ? 'was closed' : 'is not open'
      throw unavailable(new Error(`the transport ${state}`))
    }
    return this.#opened
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (const consumption of this.#consumptions) consumption.abandon()
    this.#opened?.publisher.close()
    await Promise.all([this.#links?.publishing.close(), this.#links?.consuming.close()])
  }
}

/** Both: a later one does not take away what an earlier one declared. */
function joined(first: TransportDeclaration, second: TransportDeclaration): TransportDeclaration {
  if (first === second) return first
  return {
    application: second.application,
    topics: [...new Set([...first.topics, ...second.topics])],
    consumers: [...first.consumers, ...second.consumers],
  }
}
