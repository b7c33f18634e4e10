import type { CompiledCalls } from '../call/index.ts'
import type { BanyanError, World } from '../kernel/index.ts'
import type { CompiledSchema } from '../schema/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { Doorbell } from './doorbell.ts'
import { messagesProcessDied, messagesStopped } from './errors.ts'
import { HouseTimes } from './house-times.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import type { LeasedMessage, Outcome } from './leased-message.ts'
import type { MessageHandlerContext } from './message-handler-context.ts'
import { MessageSweep } from './message-sweep.ts'
import { deathsMax, type LeaseRequest, type MessageStore } from './message-store.ts'
import { OutcomeWriter } from './outcome-writer.ts'
import { Fifo } from './fifo.ts'
import { LeaseSize } from './lease-size.ts'
import { RunCounters } from './run-counters.ts'
import { problemOf } from './problem-of.ts'
import type { Queue } from './queue.ts'
import { QueueControls } from './queue-controls.ts'
import { runBatch, runMessage, type Safety } from './run-message.ts'
import type { SagaStore } from './saga/saga-store.ts'
import type { SuspectGate } from './suspect-gate.ts'
import { within } from './within.ts'

export interface WorkerOptions {
  readonly module: string
  readonly queues: readonly Queue[]
  readonly store: MessageStore
  readonly sagas: SagaStore
  /** The events that sagas of the module may wait for, by name. */
  readonly awaited: ReadonlyMap<string, CompiledSchema>
  readonly calls: CompiledCalls
  readonly world: World
  readonly telemetry: Telemetry
  readonly gate: SuspectGate
  readonly safety: Safety
  /** Names this process; for people. */
  readonly holder: string
  readonly limits: WorkerLimits
  /** Whether other processes are heard when they have work for this one. */
  readonly isAnnounced: () => boolean
}

export interface WorkerLimits {
  /** Runs at once per module and process. */
  readonly concurrencyMax: number
  /** How long a process may be silent before its messages are given to others. */
  readonly leaseMs: number
  /** How often is looked for work that nobody announced; five times as long while announcements of
   *  other processes are heard. */
  readonly pollMs: number
  /** How long is remembered what was heard, and what ended without being parked. */
  readonly keptMs: number
}

const errorPauseMs = 500
/** A message of a queue that this version of the code does not know waits for one that does. */
const elsewhereMs = 30_000
/** How many of those that died may run beside each other, by how often they died. */
const suspectsMax: readonly number[] = [0, 16, 4]

/** Works on the messages of one module. One loop leases; runs end when they end; others write how, and
 *  keep the leases meanwhile. */
export class Worker {
  readonly #options: WorkerOptions
  readonly #queues: ReadonlyMap<string, Queue>
  readonly #size: LeaseSize
  readonly #counters: RunCounters
  readonly #controls: QueueControls
  readonly #bell: Doorbell
  readonly #writer: OutcomeWriter
  readonly #keeper: LeaseKeeper
  readonly #sweep: MessageSweep
  readonly #times: HouseTimes
  readonly #held = new Map<bigint, LeasedMessage>()
  readonly #contexts = new Map<bigint, MessageHandlerContext>()
  readonly #waiting = new Fifo<LeasedMessage>()
  #running = 0
  #suspects = 0
  /** A lease may have been committed whose answer was lost. */
  #hasStray = false
  /** Versions that are not here and were reported. */
  readonly #reported = new Set<string>()
  #isStopping = false
  #loop: Promise<void> | undefined

  constructor(options: WorkerOptions) {
    const { store, world, queues, limits, gate } = options
    const { clock } = world
    this.#options = options
    this.#queues = new Map(queues.map((queue) => [queue.name, queue]))
    const most = Math.max(limits.concurrencyMax, ...queues.map(({ batchMax = 0 }) => batchMax))
    this.#size = new LeaseSize(clock, 2 * most)
    this.#controls = new QueueControls(this.#queues)
    this.#counters = new RunCounters(options.telemetry.metrics, options.module)
    this.#bell = new Doorbell(clock)
    this.#times = new HouseTimes(clock)
    this.#writer = new OutcomeWriter({
      ...{ store, clock },
      written: (outcomes) => this.#written(outcomes),
      failed: (error) => this.#warn(error, 'how messages ended could not be written yet'),
    })
    this.#keeper = new LeaseKeeper({
      ...{ store, clock, leaseMs: limits.leaseMs, held: this.#held, contexts: this.#contexts },
      endsLost: options.safety.fencing,
      failed: (error) => this.#warn(error, 'the leases of messages could not be extended'),
    })
    this.#sweep = new MessageSweep({
      ...{ store, clock, keptMs: limits.keptMs },
      failed: (error) => this.#warn(error, 'old messages could not be swept'),
    })
    gate.onOpen(() => {
      this.#begin()
      this.#bell.ring()
    })
  }

  start(): void {
    this.#keeper.start()
    this.#sweep.start()
    this.#loop ??= this.#work()
  }

  /** Something is ready, or will be after `delayMs`. */
  wake(delayMs: number = 0): void {
    if (delayMs > 0) this.#times.dueAfter(delayMs)
    this.#bell.ring()
  }

  /** Another process has something for this one, now or later. */
  announce(): void {
    this.#times.dueUnknown()
    this.#bell.ring()
  }

  /** Whether it would take more at once. */
  get hasRoom(): boolean {
    if (this.#isStopping || this.#options.gate.isClosed) return false
    return this.#size.room(this.#held.size) > 0
  }

  /** Messages that it holds now. */
  get held(): number {
    return this.#held.size
  }

  /** Takes no more, gives back what has not begun, and waits for what runs. Shortly before `deadlineMs`
   *  it is cancelled, and what does not end even then is given back: it cannot commit any more. Idempotent;
   *  never rejects. */
  async stop(deadlineMs: number): Promise<void> {
    const { clock } = this.#options.world
    const endMs = clock.monotonicMs() + deadlineMs
    const graceMs = Math.min(1_500, deadlineMs / 4)
    this.#isStopping = true
    this.#bell.ring()
    this.#sweep.stop()
    await within(clock, deadlineMs - 2 * graceMs, this.#loop ?? Promise.resolve())
    const waiting = this.#waiting.take(Number.POSITIVE_INFINITY)
    for (const { position } of waiting) this.#held.delete(position)
    await this.#giveBack(waiting, graceMs)
    await this.#emptied(endMs - 2 * graceMs)
    for (const context of this.#contexts.values()) {
      context.cancel(messagesStopped({ queue: context.work.id, id: context.message.id }))
    }
    await this.#emptied(endMs - graceMs)
    this.#keeper.stop()
    this.#writer.close()
    const left = [...this.#held.values()]
    this.#held.clear()
    await this.#giveBack(left, endMs - clock.monotonicMs())
  }

  async #emptied(endMs: number): Promise<void> {
    const { clock } = this.#options.world
    for (let leftMs = Infinity; this.#held.size > 0; ) {
      leftMs = endMs - clock.monotonicMs()
      if (leftMs <= 0) return
      await this.#bell.wait(Math.min(50, leftMs))
    }
  }

  /** What cannot be given back is taken by others when its lease has run out. */
  async #giveBack(messages: readonly LeasedMessage[], ms: number): Promise<void> {
    await within(this.#options.world.clock, ms, this.#options.store.release(messages))
  }

  async #work(): Promise<void> {
    while (!this.#isStopping) {
      try {
        const took = await this.#turn()
        if (!took && !this.#isStopping) await this.#bell.wait(this.#restMs())
      } catch (error) {
        this.#hasStray = true
        this.#warn(error, 'messages could not be leased')
        if (!this.#isStopping) await this.#bell.wait(errorPauseMs)
      }
    }
  }

  /** One look for work. @returns whether there may be more at once */
  async #turn(): Promise<boolean> {
    if (this.#hasStray) await this.#releaseStray()
    await this.#keepHouse()
    if (!this.hasRoom) return false
    if (this.#suspects > 0) return this.#runSuspects()
    const leased = await this.#lease(this.#size.room(this.#held.size))
    this.#take(leased)
    return leased.length > 0
  }

  async #lease(room: number): Promise<LeasedMessage[]> {
    const { store } = this.#options
    const leased = await store.lease(this.#request(room), this.#controls.excluded)
    const againMs: number[] = []
    for (const control of this.#controls.limited) {
      const limited = await store.leaseLimited(this.#request(room), control)
      leased.push(...limited.leased)
      if (limited.againMs !== undefined) againMs.push(limited.againMs)
    }
    this.#times.ratesAfter(againMs)
    return leased
  }

  async #releaseStray(): Promise<void> {
    const { store, holder } = this.#options
    await store.releaseStray(holder, this.#held.keys())
    this.#hasStray = false
  }

  #take(leased: readonly LeasedMessage[]): void {
    // the stop did not wait for this: nobody is to begin it
    if (this.#isStopping) return void this.#options.store.release(leased).catch(() => {})
    for (const message of leased) this.#held.set(message.position, message)
    this.#waiting.add(leased)
    this.#begin()
  }

  /** Begins what waits, as far as there is room. */
  #begin(): void {
    const { limits, gate } = this.#options
    if (this.#isStopping || gate.isClosed) return
    while (this.#running < limits.concurrencyMax) {
      const { first } = this.#waiting
      if (first === undefined) return
      const queue = this.#queues.get(first.queue)
      const batchMax = queue?.batchMax ?? 1
      void this.#run(
        queue,
        this.#waiting.take(batchMax, (message) => message.queue === first.queue),
      )
    }
  }

  /** What waits behind work that has become slow is for others. */
  async #giveBackSurplus(): Promise<void> {
    const surplus = this.#held.size - 2 * this.#size.held
    if (surplus <= 0) return
    const left = this.#waiting.takeLast(surplus)
    for (const { position } of left) this.#held.delete(position)
    await this.#options.store.release(left)
  }

  async #run(queue: Queue | undefined, messages: readonly LeasedMessage[]): Promise<void> {
    const { gate } = this.#options
    this.#running++
    gate.begin()
    try {
      this.#writer.add(await this.#outcomes(queue, messages))
    } finally {
      gate.end()
      this.#running--
      this.#begin()
      this.#bell.ring()
    }
  }

  async #outcomes(
    queue: Queue | undefined,
    messages: readonly LeasedMessage[],
  ): Promise<readonly Outcome[]> {
    if (queue === undefined) return messages.map((message) => later(message, elsewhereMs))
    const { calls, world, safety, limits, sagas, awaited } = this.#options
    const parts = {
      ...{ calls, random: world.random, safety, leaseMs: limits.leaseMs, sagas, awaited },
      began: (message: LeasedMessage, context: MessageHandlerContext): void => {
        this.#contexts.set(message.position, context)
      },
      versionUnknown: (error: BanyanError): void => {
        if (this.#reported.has(error.message)) return
        this.#reported.add(error.message)
        this.#warn(error, 'messages of a version that is not here wait')
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
    for (const message of messages) {
      outcomes.push(this.#isStopping ? later(message, 0) : await runMessage(listed, message, parts))
    }
    return outcomes
  }

  /** Those that died run with nothing else of this process beside them, in groups that get smaller.
   *  @returns false when they could not be had: others hold them, or something comes first */
  async #runSuspects(): Promise<boolean> {
    const { gate, store } = this.#options
    const leased = await this.#leaseSuspects()
    if (leased.length === 0) {
      this.#suspects = 0
      return true
    }
    if (this.#isStopping || gate.isClosed) {
      await store.release(leased)
      return false
    }
    for (const message of leased) this.#held.set(message.position, message)
    await gate.alone(async () => {
      await Promise.all(
        leased.map((message) => this.#run(this.#queues.get(message.queue), [message])),
      )
      await this.#writer.settled()
    })
    this.#times.lookAgain()
    return true
  }

  async #leaseSuspects(): Promise<LeasedMessage[]> {
    const { store } = this.#options
    const deaths = this.#suspects
    const max = suspectsMax[deaths] ?? 1
    const leased = await store.leaseSuspects(this.#request(max), deaths, this.#controls.excluded)
    for (const control of this.#controls.limited) {
      if (leased.length >= max) break
      const request = this.#request(max - leased.length)
      leased.push(...(await store.leaseLimited(request, control, deaths)).leased)
    }
    return leased
  }

  async #keepHouse(): Promise<void> {
    const { store } = this.#options
    if (!this.#times.isLookDue) return
    await this.#giveBackSurplus()
    const heals = this.#times.isHealDue
    const died = problemOf(messagesProcessDied({ deaths: deathsMax }))
    this.#times.begin()
    const { nextDueMs } = await store.keepHouse(died, { heals })
    this.#times.looked(heals)
    if (nextDueMs !== undefined) this.#times.dueAfter(nextDueMs)
    this.#controls.learn(await store.controls())
    this.#suspects = await store.suspects(this.#controls.paused)
  }

  #written(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      const { kind, message } = outcome
      this.#held.delete(message.position)
      this.#contexts.delete(message.position)
      if (kind === 'retry' || kind === 'waiting') this.#times.dueAfter(outcome.delayMs)
      this.#counters.of(message.queue, kind).add()
    }
    this.#size.ended(outcomes.length)
    this.#bell.ring()
  }

  #restMs(): number {
    const { limits, isAnnounced } = this.#options
    return this.#times.restMs(isAnnounced() ? limits.pollMs * 5 : limits.pollMs)
  }

  #request(max: number): LeaseRequest {
    const { holder, limits } = this.#options
    return { holder, leaseMs: limits.leaseMs, max }
  }

  #warn(error: unknown, message: string): void {
    const { telemetry, module } = this.#options
    telemetry.logs.log('warn', { module, err: error }, message)
  }
}

function later(message: LeasedMessage, delayMs: number): Outcome {
  return { kind: 'waiting', message, delayMs, waits: [] }
}
