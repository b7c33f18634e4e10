import type { CompiledCalls } from '../call/index.ts'
import { type World } from '../kernel/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { Doorbell } from './doorbell.ts'
import { messagesCancelled, messagesLeaseLost, messagesProcessDied } from './errors.ts'
import type { LeasedMessage, Outcome } from './leased-message.ts'
import type { MessageHandlerContext } from './message-handler-context.ts'
import {
  deathsMax,
  type LeaseRequest,
  type MessageStore,
  type QueueControl,
} from './message-store.ts'
import { OutcomeWriter } from './outcome-writer.ts'
import type { Queue } from './queue.ts'
import { problemOf, runBatch, runMessage, type Safety } from './run-message.ts'
import type { SuspectGate } from './suspect-gate.ts'

export interface WorkerOptions {
  readonly module: string
  readonly queues: readonly Queue[]
  readonly store: MessageStore
  readonly calls: CompiledCalls
  readonly world: World
  readonly telemetry: Telemetry
  readonly gate: SuspectGate
  readonly safety: Safety
  /** Names this process; for people. */
  readonly holder: string
  readonly limits: WorkerLimits
}

export interface WorkerLimits {
  /** Runs at once per module and process. */
  readonly concurrencyMax: number
  /** How long a process may be silent before its messages are given to others. */
  readonly leaseMs: number
  /** How often is looked for work that nobody announced. */
  readonly pollMs: number
}

const houseEveryMs = 1_000
const healEveryMs = 30_000
const errorPauseMs = 500
/** How many of those that died may run beside each other, by how often they died. */
const suspectsMax: readonly number[] = [0, 16, 4]

/** Works on the messages of one module. One loop leases; runs end when they end; a third writes how. */
export class Worker {
  readonly #options: WorkerOptions
  readonly #queues: ReadonlyMap<string, Queue>
  readonly #bell: Doorbell
  readonly #writer: OutcomeWriter
  readonly #held = new Map<bigint, LeasedMessage>()
  readonly #contexts = new Map<bigint, MessageHandlerContext>()
  #waiting: LeasedMessage[] = []
  #running = 0
  #controls: ReadonlyMap<string, QueueControl> = new Map()
  #houseMs = Number.NEGATIVE_INFINITY
  #healMs = Number.NEGATIVE_INFINITY
  #extendMs = 0
  #nextDueMs: number | undefined
  #suspects = 0
  #isStopping = false
  #loop: Promise<void> | undefined
  #heart: Promise<void> | undefined

  constructor(options: WorkerOptions) {
    const { store, world, queues } = options
    this.#options = options
    this.#queues = new Map(queues.map((queue) => [queue.name, queue]))
    this.#bell = new Doorbell(world.clock)
    this.#writer = new OutcomeWriter({
      ...{ store, clock: world.clock },
      written: (outcomes) => this.#written(outcomes),
      failed: (error) => this.#warn(error, 'how messages ended could not be written yet'),
    })
  }

  start(): void {
    this.#loop ??= this.#work()
    this.#heart ??= this.#beat()
  }

  /** Something may be ready. */
  wake(): void {
    this.#bell.ring()
  }

  /** Messages that it holds now. */
  get held(): number {
    return this.#held.size
  }

  /** Takes no more, gives back what has not begun, waits for what runs, at most `deadlineMs`; what is
   *  still running then is cancelled and given back. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopping = true
    this.#bell.ring()
    await this.#loop
    const waiting = this.#waiting.splice(0)
    await this.#options.store.release(waiting).catch(() => {})
    for (const { position } of waiting) this.#held.delete(position)
    const { clock } = this.#options.world
    const endMs = clock.monotonicMs() + deadlineMs
    while (this.#held.size > 0 && clock.monotonicMs() < endMs) await this.#bell.wait(50)
    for (const context of this.#contexts.values()) {
      context.cancel(messagesLeaseLost({ queue: context.work.id, id: context.message.id }))
    }
    while (this.#held.size > 0 && clock.monotonicMs() < endMs + 1_000) await this.#bell.wait(20)
    this.#writer.close()
    this.#held.clear()
    await this.#heart
  }

  async #work(): Promise<void> {
    while (!this.#isStopping) {
      try {
        const took = await this.#turn()
        if (!took && !this.#isStopping) await this.#bell.wait(this.#restMs())
      } catch (error) {
        this.#warn(error, 'messages could not be leased')
        await this.#bell.wait(errorPauseMs)
      }
    }
  }

  /** One look for work. @returns whether there may be more at once */
  async #turn(): Promise<boolean> {
    const { gate, store, limits } = this.#options
    await gate.opened()
    await this.#keepHouse()
    const room = this.#leaseMax() - this.#held.size
    if (room < Math.ceil(limits.concurrencyMax / 2)) {
      await this.#bell.wait(limits.pollMs)
      return !this.#isStopping
    }
    if (this.#suspects > 0) return this.#runSuspects()
    const excluded = this.#excluded()
    const leased = await store.lease(this.#request(room), excluded)
    for (const control of this.#limited()) {
      leased.push(...(await store.leaseLimited(this.#request(room), control)))
    }
    this.#take(leased)
    return leased.length > 0
  }

  #take(leased: readonly LeasedMessage[]): void {
    for (const message of leased) this.#held.set(message.position, message)
    this.#waiting.push(...leased)
    this.#begin()
  }

  /** Begins what waits, as far as there is room. */
  #begin(): void {
    const { concurrencyMax } = this.#options.limits
    while (this.#running < concurrencyMax && this.#waiting.length > 0) {
      const [message] = this.#waiting
      const queue = message === undefined ? undefined : this.#queues.get(message.queue)
      const count = queue?.batchMax === undefined ? 1 : this.#sameQueue(queue.batchMax)
      void this.#run(queue, this.#waiting.splice(0, count))
    }
  }

  /** How many of those that wait first are of one queue, at most `max`. */
  #sameQueue(max: number): number {
    const first = this.#waiting[0]?.queue
    const other = this.#waiting.findIndex(({ queue }) => queue !== first)
    return Math.min(max, other < 0 ? this.#waiting.length : other)
  }

  async #run(queue: Queue | undefined, messages: readonly LeasedMessage[]): Promise<void> {
    const { gate } = this.#options
    this.#running++
    gate.begin()
    this.#writer.add(await this.#outcomes(queue, messages))
    gate.end()
    this.#running--
    this.#begin()
    this.#bell.ring()
  }

  async #outcomes(
    queue: Queue | undefined,
    messages: readonly LeasedMessage[],
  ): Promise<readonly Outcome[]> {
    if (queue === undefined) return messages.map(elsewhere)
    const { calls, world, safety } = this.#options
    const parts = {
      ...{ calls, random: world.random, safety },
      began: (message: LeasedMessage, context: MessageHandlerContext): void => {
        this.#contexts.set(message.position, context)
      },
    }
    if (queue.batchMax === undefined) {
      const [message] = messages
      return message === undefined ? [] : [await runMessage(queue, message, parts)]
    }
    const all = await runBatch(queue, messages, parts)
    if (all !== undefined) return all
    const listed = { ...queue, run: (input: unknown, ctx: unknown) => queue.run([input], ctx) }
    const outcomes: Outcome[] = []
    for (const message of messages) outcomes.push(await runMessage(listed, message, parts))
    return outcomes
  }

  /** Those that died run with nothing else of this process beside them, in groups that get smaller. */
  #runSuspects(): Promise<boolean> {
    const { gate, store } = this.#options
    return gate.alone(async () => {
      const deaths = this.#suspects
      const max = suspectsMax[deaths] ?? 1
      const leased = await store.leaseSuspects(this.#request(max), deaths, this.#excluded())
      for (const message of leased) this.#held.set(message.position, message)
      const ended = leased.map(async (message) => {
        const queue = this.#queues.get(message.queue)
        this.#writer.add(await this.#outcomes(queue, [message]))
      })
      await Promise.all(ended)
      await this.#writer.settled()
      this.#suspects = await store.suspects(this.#excluded())
      return true
    })
  }

  async #keepHouse(): Promise<void> {
    const { store, world } = this.#options
    const nowMs = world.clock.monotonicMs()
    if (nowMs < this.#houseMs + houseEveryMs && !this.#isDue(nowMs)) return
    const heals = nowMs >= this.#healMs + healEveryMs
    const died = problemOf(messagesProcessDied({ deaths: deathsMax }))
    const { nextDueMs } = await store.keepHouse(died, { heals })
    this.#houseMs = nowMs
    if (heals) this.#healMs = nowMs
    this.#nextDueMs = nextDueMs === undefined ? undefined : nowMs + nextDueMs
    const controls = await store.controls()
    this.#controls = new Map(controls.map((control) => [control.queue, control]))
    this.#suspects = await store.suspects(this.#excluded())
  }

  /** Extends the leases of what is held, as long as this process lives and is not stuck. */
  async #beat(): Promise<void> {
    const { store, world, limits } = this.#options
    const everyMs = limits.leaseMs / 3
    const bell = new Doorbell(world.clock)
    while (!this.#isStopping || this.#held.size > 0) {
      await bell.wait(Math.min(everyMs, this.#isStopping ? 50 : 200))
      const nowMs = world.clock.monotonicMs()
      if (this.#held.size === 0 || nowMs < this.#extendMs + everyMs) continue
      try {
        const { lost, cancelling } = await store.extend([...this.#held.values()], limits.leaseMs)
        this.#extendMs = nowMs
        for (const position of lost) this.#cancel(position, messagesLeaseLost)
        for (const position of cancelling) this.#cancel(position, messagesCancelled)
      } catch (error) {
        this.#warn(error, 'the leases of messages could not be extended')
      }
    }
  }

  #cancel(position: bigint, reason: typeof messagesLeaseLost | typeof messagesCancelled): void {
    const context = this.#contexts.get(position)
    context?.cancel(reason({ queue: context.work.id, id: context.message.id }))
  }

  #written(outcomes: readonly Outcome[]): void {
    const { telemetry, module } = this.#options
    for (const { kind, message } of outcomes) {
      this.#held.delete(message.position)
      this.#contexts.delete(message.position)
      const labels = { module, queue: message.queue, outcome: kind }
      telemetry.metrics.counter('banyan_messages_run_total', 'Runs of messages.', labels).add()
    }
    this.#bell.ring()
  }

  #isDue(nowMs: number): boolean {
    return this.#nextDueMs !== undefined && nowMs >= this.#nextDueMs
  }

  #restMs(): number {
    const { world, limits } = this.#options
    if (this.#nextDueMs === undefined) return limits.pollMs
    return Math.min(limits.pollMs, Math.max(1, this.#nextDueMs - world.clock.monotonicMs()))
  }

  #leaseMax(): number {
    const { concurrencyMax } = this.#options.limits
    const batches = this.#options.queues.map(({ batchMax = 0 }) => batchMax)
    return Math.max(2 * concurrencyMax, ...batches.map((batchMax) => 2 * batchMax))
  }

  #request(max: number): LeaseRequest {
    const { holder, limits } = this.#options
    return { holder, leaseMs: limits.leaseMs, max }
  }

  /** Queues that the common lease leaves out: paused ones, and those with limits of their own. */
  #excluded(): readonly string[] {
    const paused = [...this.#controls.values()].filter(({ isPaused }) => isPaused)
    return [...new Set([...paused, ...this.#limited()].map(({ queue }) => queue))]
  }

  #limited(): readonly QueueControl[] {
    const names = new Set([...this.#queues.keys(), ...this.#controls.keys()])
    return [...names].flatMap((queue) => {
      const said = this.#controls.get(queue)
      const declared = this.#queues.get(queue)
      const concurrencyMax = said?.concurrencyMax ?? declared?.concurrencyMax
      const rate = said?.rate ?? declared?.rate
      const isLimited = concurrencyMax !== undefined || rate !== undefined
      if (!isLimited || said?.isPaused === true) return []
      return [{ queue, isPaused: false, concurrencyMax, rate }]
    })
  }

  #warn(error: unknown, message: string): void {
    const { telemetry, module } = this.#options
    telemetry.logs.log('warn', { module, err: error }, message)
  }
}

/** A message of a queue that this version of the code does not know waits for one that does. */
function elsewhere(message: LeasedMessage): Outcome {
  return { kind: 'waiting', message, delayMs: 30_000, isForEvent: false }
}
