import type { CompiledCalls, MessagePort } from '../call/index.ts'
import type { Database } from '../data/index.ts'
import { Deadlines, type World } from '../kernel/index.ts'
import type { Application, Module } from '../module/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { Announcer } from './announcer.ts'
import { createDirectTransport } from './direct-transport.ts'
import { Doorbell } from './doorbell.ts'
import { messagesTransportUnavailable } from './errors.ts'
import { Inbox } from './inbox.ts'
import { MessageStore } from './message-store.ts'
import { ModulePort, type PortParts } from './module-port.ts'
import { PlatformContexts } from './platform-context.ts'
import type { Consumption, Transport } from './port.ts'
import { awaitedBy, type Queue, queuesOf, topicsOf } from './queue.ts'
import { Relay } from './relay.ts'
import type { Safety } from './run-message.ts'
import { SagaStore } from './saga/saga-store.ts'
import { type CronRunner, createCronRunner } from './schedules/cron-runner.ts'
import { SuspectGate } from './suspect-gate.ts'
import { within } from './within.ts'
import { Worker, type WorkerLimits } from './worker.ts'

export interface MessagesOptions {
  readonly application: Application
  /** The modules whose handlers run in this process: they may publish and enqueue. */
  readonly present: readonly Module[]
  /** Those of them that this process relays and works for. */
  readonly worked: readonly Module[]
  /** With the tables of every module that is present or subscribes to what a present one publishes. */
  readonly database: Database
  readonly world: World
  readonly telemetry: Telemetry
  /** A broker; the inboxes themselves unless given. */
  readonly transport?: Transport
  /** Whether jobs too are carried by the transport; false unless given. */
  readonly carriesJobs?: boolean
  readonly limits?: Partial<WorkerLimits>
  /** Only negative controls of tests turn one off. */
  readonly safety?: Partial<Safety>
}

/** The messages of one process. */
export interface Messages {
  /** The cron schedules of the modules that are present; the runtime starts and stops them. */
  readonly crons: CronRunner
  /** Whether it relays or works on anything. */
  readonly isWorking: boolean
  /** The outbox of a module that is present. */
  portOf(module: string): MessagePort
  /** Relays, receives and works from now on; what a broker carries, from when it is there.
   *  @throws MESSAGES_TRANSPORT_INCAPABLE */
  start(calls: CompiledCalls): Promise<void>
  /** Something may be ready for these modules, or for any: others said so. */
  wake(modules?: readonly string[]): void
  /** Resolves when no message of a module that is present is ready, running, or in its outbox; what waits for its
   *  time does not count. For tests. */
  idle(deadlineMs: number): Promise<void>
  /** Takes no more and ends what runs, within `deadlineMs` whatever it does; what has not ended by then is
   *  given to others. Never rejects. Idempotent. */
  stop(deadlineMs: number): Promise<void>
}

const dayMs = 86_400_000
/** Longest pause between two tries to open a transport. */
const openPauseMsMax = 30_000
const defaultLimits: WorkerLimits = {
  ...{ concurrencyMax: 64, leaseMs: 15_000, pollMs: 1_000, keptMs: 7 * dayMs },
}

/** Puts the messages of one process together; nothing runs until `start`. */
export function createMessages(options: MessagesOptions): Messages {
  return new RunningMessages(options)
}

class RunningMessages implements Messages {
  readonly crons: CronRunner
  readonly #options: MessagesOptions
  readonly #contexts: PlatformContexts
  readonly #safety: Safety
  readonly #holder: string
  readonly #ports = new Map<string, ModulePort>()
  readonly #relays = new Map<string, Relay>()
  readonly #workers = new Map<string, Worker>()
  readonly #consumptions = new Map<string, Consumption>()
  /** Rung when it stops. */
  readonly #bell: Doorbell
  readonly #transport: Transport
  readonly #gate: SuspectGate
  /** Undefined for an application without tables here. */
  readonly #announcer: Announcer | undefined
  #stopping: Promise<void> | undefined

  constructor(options: MessagesOptions) {
    const { world, present, database } = options
    this.#options = options
    this.crons = createCronRunner({
      ...options,
      modules: present,
      wake: (module, written) => this.#parts(module).wake(written),
    })
    this.#contexts = new PlatformContexts(world, new Deadlines(world.clock))
    this.#safety = { fencing: true, inbox: true, ...options.safety }
    this.#holder = world.ids.next()
    this.#gate = new SuspectGate(world.clock)
    this.#bell = new Doorbell(world.clock)
    this.#transport = options.transport ?? this.#directTransport()
    this.#announcer = this.#openAnnouncer()
    for (const module of present) {
      if (module.tables === undefined) continue
      const { name } = module.contract
      this.#ports.set(name, new ModulePort(module, database.of(name), this.#parts(name)))
    }
  }

  get isWorking(): boolean {
    return this.#workers.size + this.#relays.size > 0
  }

  portOf(module: string): MessagePort {
    const port = this.#ports.get(module)
    if (port === undefined) throw new Error(`${module} has no tables here`)
    return port
  }

  async start(calls: CompiledCalls): Promise<void> {
    this.#announcer?.start()
    for (const module of this.#withTables()) {
      const queues = queuesOf(module)
      if (queues.length > 0) this.#work(module, queues, calls)
    }
    try {
      await this.#carry()
    } catch (error) {
      if (!messagesTransportUnavailable.is(error)) throw error
      void this.#carryLater(error)
    }
  }

  wake(modules: readonly string[] = [...this.#ports.keys()]): void {
    for (const module of modules) {
      this.#workers.get(module)?.announce()
      this.#relays.get(module)?.wake()
    }
  }

  async idle(deadlineMs: number): Promise<void> {
    const { clock } = this.#options.world
    const endMs = clock.monotonicMs() + deadlineMs
    while (clock.monotonicMs() < endMs) {
      this.wake()
      if (!(await this.#isBusy())) return
      await new Promise<void>((resolve) => void clock.after(5, resolve))
    }
    throw new Error(`messages were still under way after ${deadlineMs} ms`)
  }

  stop(deadlineMs: number): Promise<void> {
    this.#stopping ??= this.#stop(deadlineMs)
    return this.#stopping
  }

  async #stop(deadlineMs: number): Promise<void> {
    const { clock } = this.#options.world
    const endMs = clock.monotonicMs() + deadlineMs
    this.#bell.ring()
    const taken = Promise.all([...this.#consumptions.values()].map((one) => one.stop()))
    await Promise.all([
      within(clock, deadlineMs * 0.9, taken),
      ...[...this.#workers.values()].map((worker) => worker.stop(deadlineMs * 0.9)),
    ])
    // what ended last may have published
    await this.#stopCarrying(endMs)
    this.#announcer?.stop()
  }

  async #stopCarrying(endMs: number): Promise<void> {
    const { clock } = this.#options.world
    const leftMs = endMs - clock.monotonicMs()
    const taken = Promise.all([...this.#consumptions.values()].map((one) => one.stop()))
    await Promise.all([
      within(clock, leftMs, taken),
      ...[...this.#relays.values()].map((relay) => relay.stop(leftMs)),
    ])
  }

  async #open(): Promise<void> {
    const { application } = this.#options
    const consumers = application.modules.flatMap((module) => {
      const topics = this.#consumedTopics(module)
      return topics.length === 0 ? [] : [{ name: module.contract.name, topics }]
    })
    await this.#transport.open({
      application: application.name,
      topics: topicsOf(application),
      consumers,
    })
  }

  #work(module: Module, queues: readonly Queue[], calls: CompiledCalls): void {
    const { database, world, telemetry, limits } = this.#options
    const { name } = module.contract
    const worker = new Worker({
      ...{ module: name, queues, calls, world, telemetry, safety: this.#safety },
      ...{ holder: this.#holder, gate: this.#gate, limits: { ...defaultLimits, ...limits } },
      store: new MessageStore(database.of(name), this.#contexts),
      ...{ sagas: new SagaStore(database.of(name), this.#contexts), awaited: awaitedBy(module) },
      isAnnounced: () => this.#announcer?.isAlive === true,
    })
    this.#workers.set(name, worker)
    worker.start()
  }

  /** Opens the transport, takes from it, and relays to it; what is done already stays. */
  async #carry(): Promise<void> {
    await this.#open()
    for (const module of this.#withTables()) {
      const { name } = module.contract
      if (this.#consumedTopics(module).length > 0 && !this.#consumptions.has(name)) {
        await this.#consume(module)
      }
      if (this.#publishes(module) && !this.#relays.has(name)) this.#relay(module)
    }
  }

  /** A broker that is down delays what it carries, and keeps nobody from starting. */
  async #carryLater(first: unknown): Promise<void> {
    const { world, telemetry } = this.#options
    let error = first
    for (let turn = 0; this.#stopping === undefined; turn++) {
      telemetry.logs.log('warn', { err: error }, 'messages are not carried yet')
      await this.#bell.wait(Math.min(openPauseMsMax, 500 * 2 ** Math.min(turn, 10)))
      if (this.#stopping !== undefined) return
      try {
        await this.#carry()
        if (this.#stopping !== undefined) await this.#stopCarrying(world.clock.monotonicMs())
        return
      } catch (again) {
        error = again
      }
    }
  }

  async #consume(module: Module): Promise<void> {
    const { name } = module.contract
    const inbox = this.#inboxOf(module)
    const consumption = await this.#transport.consume(name, async (batch) => {
      await inbox.take(batch)
      this.#tellWorker(name)
    })
    this.#consumptions.set(name, consumption)
  }

  #withTables(): readonly Module[] {
    return this.#options.worked.filter(({ tables }) => tables !== undefined)
  }

  #relay(module: Module): void {
    const { database, world, telemetry, limits } = this.#options
    const { name } = module.contract
    const relay = new Relay({
      ...{ module: name, contexts: this.#contexts, transport: this.#transport, world, telemetry },
      ...{ database: database.of(name), holder: this.#holder },
      pollMs: limits?.pollMs ?? defaultLimits.pollMs,
      isAnnounced: () => this.#announcer?.isAlive === true,
    })
    this.#relays.set(name, relay)
    relay.start()
  }

  #parts(module: string): PortParts {
    const { world, carriesJobs = false } = this.#options
    return {
      ...{ world, carriesJobs, contexts: this.#contexts },
      wake: ({ events, jobs, dueInMs }) => {
        if (jobs > 0 && !carriesJobs) this.#tellWorker(module, dueInMs)
        if (events > 0 || carriesJobs) this.#tellRelay(module)
      },
    }
  }

  #directTransport(): Transport {
    const { application, worked } = this.#options
    const published = new Set(topicsOf({ ...application, modules: worked }))
    const inboxes = application.modules.flatMap((module) => {
      const topics = new Set(this.#consumedTopics(module).filter((name) => published.has(name)))
      return topics.size === 0 ? [] : [{ topics, inbox: this.#inboxOf(module) }]
    })
    return createDirectTransport(inboxes, (modules) => {
      for (const module of modules) this.#tellWorker(module)
    })
  }

  /** A module has work: for its worker here, and for others when that one is busy or elsewhere. */
  #tellWorker(module: string, delayMs?: number): void {
    const worker = this.#workers.get(module)
    worker?.wake(delayMs)
    if (worker?.hasRoom !== true) this.#announcer?.announce([module])
  }

  #tellRelay(module: string): void {
    const relay = this.#relays.get(module)
    if (relay === undefined) this.#announcer?.announce([module])
    else relay.wake()
  }

  #openAnnouncer(): Announcer | undefined {
    const { database, present, world } = this.#options
    const module = present.find(({ tables }) => tables !== undefined)?.contract.name
    if (module === undefined) return undefined
    return new Announcer({
      ...{ database, module, clock: world.clock, contexts: this.#contexts, holder: this.#holder },
      heard: (modules) => this.wake(modules),
    })
  }

  #inboxOf(module: Module): Inbox {
    const { name } = module.contract
    return new Inbox({
      ...{ module: name, contexts: this.#contexts, remembers: this.#safety.inbox },
      database: this.#options.database.of(name),
      queueOf: new Map(queuesOf(module).map((queue) => [queue.topic, queue.name])),
      awaited: new Set(awaitedBy(module).keys()),
    })
  }

  #consumedTopics(module: Module): readonly string[] {
    const { carriesJobs = false } = this.#options
    const worked = queuesOf(module)
      .filter(({ name }) => carriesJobs || name.startsWith('on.'))
      .map(({ topic }) => topic)
    return [...new Set([...worked, ...awaitedBy(module).keys()])]
  }

  #publishes({ contract, jobs }: Module): boolean {
    const { carriesJobs = false } = this.#options
    return Object.keys(contract.events).length > 0 || (carriesJobs && jobs.length > 0)
  }

  async #isBusy(): Promise<boolean> {
    if ([...this.#workers.values()].some(({ held }) => held > 0)) return true
    for (const module of this.#ports.keys()) {
      const { rows } = await this.#options.database
        .of(module)
        .withRunner(this.#contexts.create(10_000), (runner) => runner.run(busyText, []))
      if (rows[0]?.['busy'] === true) return true
    }
    return false
  }
}

const busyText = `
select exists (select from banyan_outbox)
  or exists (select from banyan_message where state in (0, 2, 3)) as busy`
