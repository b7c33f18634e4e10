import { sleep } from '../../kernel/index.ts'
import {
  type CarriedMessage,
  type Consumption,
  type Deliver,
  messagesTransportUnavailable,
  type Transport,
  type TransportDeclaration,
} from '../../messages/index.ts'
import { clock } from './scene.ts'

/** Ways to break the port; none of them by default. */
export type Fault =
  | 'loses one'
  | 'swaps two'
  | 'forgets a rejected batch'
  | 'puts a rejected batch behind the others'
  | 'forgets the batch of a process that died'
  | 'keeps nothing for those who are away'
  | 'gives everything to everyone'
  | 'drops the headers'
  | 'calls an empty key none'
  | 'never acknowledges'
  | 'gives to two processes at once'
  | 'refuses topics without consumers'
  | 'empties a queue that is declared again'
  | 'stops at once'
  | 'goes on after stop'
  | 'confuses applications'
  | 'hangs while it is down'
  | 'forgets everything when it is killed'
  | 'gives batch upon batch'

interface Queue {
  topics: readonly string[]
  waiting: CarriedMessage[]
  isHeld: boolean
  listeners: number
}

/** An engine in memory, with faults that a test switches on. */
export class MemoryEngine {
  readonly #faults: ReadonlySet<Fault>
  readonly queues = new Map<string, Queue>()
  isDown = false
  #isFaultSpent = false

  constructor(...faults: readonly Fault[]) {
    this.#faults = new Set(faults)
  }

  has(fault: Fault): boolean {
    return this.#faults.has(fault)
  }

  async kill(): Promise<void> {
    this.isDown = true
    if (this.has('forgets everything when it is killed')) {
      for (const queue of this.queues.values()) queue.waiting = []
    }
  }

  async restart(): Promise<void> {
    this.isDown = false
  }

  async assertUp(): Promise<void> {
    if (!this.isDown) return
    if (this.has('hangs while it is down')) await sleep(clock, 2_000)
    throw messagesTransportUnavailable({ engine: 'memory', reason: 'it was killed' })
  }

  declare({ application, consumers }: TransportDeclaration): void {
    for (const { name, topics } of consumers) {
      const id = this.queueId(application, name)
      const known = this.queues.get(id)
      if (known === undefined || this.has('empties a queue that is declared again')) {
        this.queues.set(id, { topics, waiting: [], isHeld: false, listeners: 0 })
      } else {
        known.topics = topics
      }
    }
  }

  queueId(application: string, consumer: string): string {
    return this.has('confuses applications') ? consumer : `${application}/${consumer}`
  }

  accept(application: string, batch: readonly CarriedMessage[]): void {
    const concerned = [...this.queues].filter(
      ([id]) => this.has('confuses applications') || id.startsWith(`${application}/`),
    )
    for (const message of this.#spoilt(batch)) {
      const takers = concerned.filter(
        ([, queue]) =>
          this.has('gives everything to everyone') || queue.topics.includes(message.name),
      )
      if (takers.length === 0 && this.has('refuses topics without consumers')) {
        throw new Error('unroutable')
      }
      for (const [, queue] of takers) {
        const isHeard = queue.listeners > 0 || !this.has('keeps nothing for those who are away')
        if (isHeard) queue.waiting.push(message)
      }
    }
  }

  #spoilt(batch: readonly CarriedMessage[]): CarriedMessage[] {
    const all = batch.map((message) => ({
      ...message,
      headers: this.has('drops the headers') ? '{}' : message.headers,
      key: this.has('calls an empty key none') && message.key === '' ? undefined : message.key,
    }))
    if (this.#isFaultSpent || all.length < 10) return all
    this.#isFaultSpent = true
    if (this.has('loses one')) all.splice(4, 1)
    if (this.has('swaps two')) all.splice(5, 1, ...all.splice(0, 1, ...all.slice(5, 6)))
    return all
  }
}

/** One process's side of it. */
export class MemoryTransport implements Transport {
  readonly engine = 'memory'
  readonly #engine: MemoryEngine
  #application = ''
  #isDead = false

  constructor(engine: MemoryEngine) {
    this.#engine = engine
  }

  async open(declaration: TransportDeclaration): Promise<void> {
    await this.#engine.assertUp()
    this.#application = declaration.application
    this.#engine.declare(declaration)
  }

  async publish(batch: readonly CarriedMessage[]): Promise<void> {
    await this.#engine.assertUp()
    this.#engine.accept(this.#application, batch)
  }

  async consume(consumer: string, deliver: Deliver): Promise<Consumption> {
    const id = this.#engine.queueId(this.#application, consumer)
    const queue = this.#engine.queues.get(id)
    if (queue === undefined) throw new Error(`${id} was not declared`)
    queue.listeners++
    const state = { isStopped: false, turn: Promise.resolve() }
    const loop = this.#work(queue, deliver, state)
    return { stop: () => this.#stop(state, loop) }
  }

  async #stop(
    state: { isStopped: boolean; turn: Promise<void> },
    loop: Promise<void>,
  ): Promise<void> {
    if (this.#engine.has('goes on after stop')) return state.turn
    state.isStopped = true
    if (!this.#engine.has('stops at once')) await loop
  }

  async #work(
    queue: Queue,
    deliver: Deliver,
    state: { readonly isStopped: boolean; turn: Promise<void> },
  ): Promise<void> {
    while (!state.isStopped && !this.#isDead) {
      await sleep(clock, 0)
      const isFree = !queue.isHeld || this.#engine.has('gives to two processes at once')
      if (this.#engine.isDown || !isFree || queue.waiting.length === 0) await sleep(clock, 1)
      else if (this.#engine.has('gives batch upon batch')) await this.#pour(queue, deliver)
      else await (state.turn = this.#turn(queue, deliver))
    }
  }

  async #turn(queue: Queue, deliver: Deliver): Promise<void> {
    const batch = queue.waiting.slice(0, 40)
    const shared = this.#engine.has('gives to two processes at once')
    if (shared) queue.waiting.splice(0, batch.length)
    queue.isHeld = true
    const isTaken = await deliver(batch).then(
      () => true,
      () => false,
    )
    queue.isHeld = false
    if (this.#isDead && !this.#engine.has('forgets the batch of a process that died')) return
    if (shared && !isTaken) queue.waiting.unshift(...batch)
    if (!shared) this.#settle(queue, batch, isTaken)
  }

  #settle(queue: Queue, batch: readonly CarriedMessage[], isTaken: boolean): void {
    const has = (fault: Fault): boolean => this.#engine.has(fault)
    const ids = new Set(batch.map(({ id }) => id))
    const rest = queue.waiting.filter(({ id }) => !ids.has(id))
    if (isTaken && !has('never acknowledges')) queue.waiting = rest
    if (isTaken && has('never acknowledges')) queue.waiting = [...rest, ...batch]
    if (!isTaken && has('forgets a rejected batch')) queue.waiting = rest
    if (this.#isDead && has('forgets the batch of a process that died')) queue.waiting = rest
    if (!isTaken && has('puts a rejected batch behind the others')) {
      queue.waiting = [...rest, ...batch]
    }
  }

  async #pour(queue: Queue, deliver: Deliver): Promise<void> {
    const batches = [queue.waiting.splice(0, 5), queue.waiting.splice(0, 5)]
    await Promise.allSettled(batches.filter(({ length }) => length > 0).map(deliver))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDead = true
  }
}
