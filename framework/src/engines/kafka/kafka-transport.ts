import type { Kafka } from 'kafkajs'
import type {
  CarriedMessage,
  Consumption,
  Deliver,
  Transport,
  TransportDeclaration,
} from '../../messages/index.ts'
import { createCluster } from './cluster.ts'
import { KafkaConsumption } from './consumption.ts'
import { incapable, unavailable, within } from './failure.ts'
import { type Names, namesOf } from './names.ts'
import type { KafkaTransportOptions } from './options.ts'
import { Publisher } from './publisher.ts'
import { type ClusterAbility, ensureTopics, readAbility } from './topics.ts'

const openMs = 9_500
const closeMs = 2_000
const leaseMsDefault = 30_000

interface Opened {
  readonly names: Names
  readonly publisher: Publisher
}

export class KafkaTransport implements Transport {
  readonly engine = 'kafka'
  readonly #options: KafkaTransportOptions
  readonly #kafka: Kafka
  readonly #topicsOf = new Map<string, ReadonlySet<string>>()
  readonly #consumptions = new Set<KafkaConsumption>()
  #opened: Opened | undefined
  #opening: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: KafkaTransportOptions) {
    this.#options = options
    this.#kafka = createCluster(options)
  }

  /** One after the other: a second one adds to what the first one declared. */
  open(declaration: TransportDeclaration): Promise<void> {
    const opened = this.#opening.then(() =>
      within(this.#options.clock, this.#open(declaration), { limitMs: openMs, doing: 'opening' }),
    )
    this.#opening = opened.catch(() => {})
    return opened
  }

  async #open({ application, topics, consumers }: TransportDeclaration): Promise<void> {
    if (this.#isClosed) throw unavailable(new Error('the transport was closed'))
    const names = namesOf(application)
    const all = new Set([...topics, ...consumers.flatMap((consumer) => consumer.topics)])
    const ability = await this.#ensure([...all].map((topic) => names.topicOf(topic)))
    for (const consumer of consumers) this.#topicsOf.set(consumer.name, new Set(consumer.topics))
    const { clock } = this.#options
    const isIdempotent = ability.hasController
    this.#opened ??= {
      names,
      publisher: new Publisher(this.#kafka, { clock, names, isIdempotent }),
    }
  }

  async #ensure(topics: readonly string[]): Promise<ClusterAbility> {
    const admin = this.#kafka.admin()
    try {
      await admin.connect()
      const ability = await readAbility(admin, this.#options)
      await ensureTopics(admin, topics, { ...this.#options, ...ability })
      return ability
    } catch (error) {
      throw unavailable(error)
    } finally {
      const { clock } = this.#options
      await within(clock, admin.disconnect(), { limitMs: closeMs, doing: 'closing' }).catch(
        () => {},
      )
    }
  }

  async publish(batch: readonly CarriedMessage[]): Promise<void> {
    await this.#required().publisher.publish(batch)
  }

  async consume(consumer: string, deliver: Deliver): Promise<Consumption> {
    const { names } = this.#required()
    const topics = this.#topicsOf.get(consumer)
    if (topics === undefined) {
      throw incapable(`${consumer} hears anything: it was not declared at open`)
    }
    const { clock, leaseMs = leaseMsDefault } = this.#options
    const consumption = new KafkaConsumption(this.#kafka, {
      clock,
      leaseMs,
      group: names.groupOf(consumer),
      topics: [...topics].map((topic) => names.topicOf(topic)),
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
    await this.#opened?.publisher.close()
  }

  #required(): Opened {
    if (this.#opened !== undefined && !this.#isClosed) return this.#opened
    const state = this.#isClosed ? 'was closed' : 'is not open'
    throw unavailable(new Error(`the transport ${state}`))
  }
}
