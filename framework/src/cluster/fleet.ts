import { rmSync } from 'node:fs'
import path from 'node:path'
import type { Clock, Random } from '../kernel/index.ts'
import type { Child, ChildEnd } from './child.ts'
import { errorFieldsOf } from './error-fields.ts'
import type { SupervisorEvent } from './event.ts'
import { GatewayControl } from './gateway-control.ts'
import { type ChildEvents, Launcher, type Program } from './launcher.ts'
import type { LineChannel } from './line-channel.ts'
import { pruneLogs } from './log-file.ts'
import { LogTail } from './log-tail.ts'
import type { FromChild } from './message.ts'
import type { Task } from './orders.ts'
import { PlanStore } from './plan-store.ts'
import { Publication } from './publication.ts'
import {
  type RecordedChild,
  type RecordedState,
  type SlotRole,
  writeState,
} from './recorded-state.ts'
import { RestartPolicy } from './restart-policy.ts'
import { logFileOf, peerSocketOf, type RunFolder } from './run-folder.ts'
import { Slot } from './slot.ts'
import { type PlannedSlot, slotsOf } from './slot-plan.ts'
import { instanceTask } from './instance-task.ts'
import type { SupervisorLimits } from './supervisor-limits.ts'

export interface FleetOptions {
  readonly folder: RunFolder
  /** Of local state: the database, certificates, the run folder. */
  readonly stateFolder: string
  readonly clock: Clock
  readonly random: Random
  readonly env: Readonly<Record<string, string | undefined>>
  readonly programOf: (task: Task) => Program
  readonly limits: SupervisorLimits
  readonly onEvent: (event: SupervisorEvent) => void
  /** Whether the reader of the log has room for more. */
  readonly mayRead: () => boolean
}

/** The numbers of a fleet: which plan runs, which was before, which generation is the newest. */
export interface FleetNumbers {
  generation: number
  plan: number
  previousPlan: number | undefined
  isPrepared: boolean
}

/** The slots of one running system, everything that is recorded of them, and who is told of their
 *  changes. It decides nothing: the supervisor and its changes do. */
export class Fleet {
  readonly options: FleetOptions
  readonly launcher: Launcher
  readonly plans: PlanStore
  readonly gateway: GatewayControl
  readonly numbers: FleetNumbers = {
    generation: 0,
    plan: 0,
    previousPlan: undefined,
    isPrepared: false,
  }
  readonly circles: Map<number, number> = new Map()
  readonly #slots = new Set<Slot>()
  readonly #tail: LogTail
  readonly #publication: Publication
  /** Whether incoming instances take part already, and the plan that the gateway follows meanwhile. */
  #joinedPlan: number | undefined
  #databaseUrl: string | undefined
  #isRecordBroken = false

  constructor(options: FleetOptions) {
    this.options = options
    const { folder, clock } = options
    this.launcher = new Launcher({
      ...options,
      graceMs: options.limits.graceMs,
      health: options.limits.health,
      onLearned: () => this.record(),
    })
    this.plans = new PlanStore(folder)
    this.gateway = new GatewayControl({
      clock,
      onRefused: (error) => this.warn(error),
      replaceKeeper: () => this.slots.find(({ kind }) => kind === 'gateway')?.restart(),
    })
    this.#publication = new Publication(folder, this.plans, this.gateway)
    this.#tail = new LogTail({
      clock,
      folder: folder.logs,
      mayRead: options.mayRead,
      onLine: (id, line) => this.tell({ type: 'line', id, line }),
    })
  }

  get slots(): readonly Slot[] {
    return [...this.#slots]
  }

  tell(event: SupervisorEvent): void {
    this.options.onEvent(event)
  }

  warn(error: unknown): void {
    this.tell({ type: 'warning', error: errorFieldsOf(error) })
  }

  /** Makes a place; its process is started by `begin`. */
  add(
    planned: Pick<PlannedSlot, 'name' | 'kind' | 'service'>,
    place: { readonly plan: number; readonly role: SlotRole },
  ): Slot {
    const { clock, random, limits } = this.options
    const slot: Slot = new Slot(
      {
        name: planned.name,
        kind: planned.kind,
        service: planned.service,
        clock,
        policy: new RestartPolicy(clock, random),
        startTimeoutMs: limits.startTimeoutMs,
        stopTimeoutMs: () => this.#stopTimeoutMs(slot),
        launch: (launched) => this.#launch(launched),
        logOf: (id) => logFileOf(this.options.folder, id),
        onEnded: (end, pauseMs) => this.#ended(end, pauseMs),
      },
      place,
    )
    this.#slots.add(slot)
    return slot
  }

  /** Forgets places whose processes have ended. */
  remove(slots: readonly Slot[]): void {
    for (const slot of slots) this.#slots.delete(slot)
  }

  /** Takes over the process that a record tells of, if it still runs. */
  async tryAdopt(slot: Slot, record: RecordedChild): Promise<Child | undefined> {
    const child = await this.launcher.tryAdopt(record, this.#eventsOf(slot, record.id))
    if (child === undefined) return undefined
    if (record.report?.databaseUrl !== undefined) this.#databaseUrl = record.report.databaseUrl
    this.#tail.follow(child.id, logFileOf(this.options.folder, child.id))
    this.tell({ type: 'adopted', id: child.id, pid: child.pid })
    return child
  }

  /** A process says who it is; false when nobody here knows it. */
  greet(hello: Extract<FromChild, { type: 'hello' }>, channel: LineChannel): Child | undefined {
    const child = this.launcher.greet(hello, channel)
    if (child === undefined) return undefined
    const slot = this.slots.find((known) => known.child === child)
    if (slot?.kind === 'gateway') this.gateway.connected(child)
    return child
  }

  /** Starts a process that does one thing and ends, such as a migration. */
  launchTask(id: string, task: Task): Child {
    const record = this.launcher.intend(id, this.numbers.plan)
    const nothing = (): void => {}
    this.#tail.follow(id, logFileOf(this.options.folder, id))
    const events = { onReady: nothing, onDraining: nothing, onHung: nothing, onMessage: nothing }
    const child = this.launcher.launch(record, task, events)
    void child.ended.then(() => this.#tail.leave(id))
    return child
  }

  /** Tells instances and the gateway of the slots as they are. */
  publish(): void {
    this.#publication.publish({
      slots: this.slots,
      circles: this.circles,
      gatewayPlan: this.#gatewayPlan(),
      isJoined: this.#joinedPlan !== undefined,
    })
  }

  /** Lets incoming instances take part, or no longer. */
  join(plan: number | undefined): void {
    this.#joinedPlan = plan
    this.publish()
  }

  /** Waits until the gateway, where there is one, does what it was told last.
   *  @throws CLUSTER_GATEWAY_REFUSED */
  async gatewaySettled(): Promise<void> {
    const { limits } = this.options
    const hasGateway = this.slots.some(
      ({ kind, child }) => kind === 'gateway' && child !== undefined,
    )
    if (hasGateway) await this.gateway.settled(limits.gatewayTimeoutMs)
  }

  /** The address of the database for processes; undefined: that of their own environment. */
  get databaseUrl(): string | undefined {
    return this.#databaseUrl
  }

  /** Writes what the next supervisor needs. A full disk must not end this one. */
  record(): void {
    try {
      writeState(this.options.folder.state, this.#state())
      this.#isRecordBroken = false
    } catch (error) {
      if (!this.#isRecordBroken) this.warn(error)
      this.#isRecordBroken = true
    }
  }

  close(): void {
    this.#tail.close()
  }

  /** The gateway follows the newest plan that has one; on its way out it keeps its own. */
  #gatewayPlan(): number | undefined {
    const gateway = this.slots.find(({ kind }) => kind === 'gateway')
    const followed = [this.#joinedPlan, this.numbers.plan].find(
      (plan) => plan !== undefined && this.plans.get(plan).plan.gateway !== undefined,
    )
    return gateway === undefined ? undefined : (followed ?? gateway.plan)
  }

  #state(): RecordedState {
    const { generation, plan, previousPlan, isPrepared } = this.numbers
    return {
      format: 1,
      control: this.options.folder.control,
      ...{ generation, plan, previousPlan, isPrepared },
      circles: Object.fromEntries(this.circles),
      slots: this.slots.map((slot) => {
        const { name, kind, service, role, restarts, intended, child } = slot
        const record = child === undefined ? intended : this.launcher.recordOf(child)
        const filled = record === undefined ? {} : { child: record }
        const owner = service === undefined ? {} : { service }
        return { name, kind, ...owner, role, restarts, plan: slot.plan, ...filled }
      }),
    }
  }

  #launch(slot: Slot): Child {
    const id = this.#idFor(slot)
    const intended = this.launcher.intend(id, slot.plan)
    slot.intended = intended
    this.record()
    this.#tail.follow(id, logFileOf(this.options.folder, id))
    const child = this.launcher.launch(intended, this.#taskOf(slot, id), this.#eventsOf(slot, id))
    this.tell({ type: 'started', id, pid: child.pid })
    return child
  }

  #idFor(slot: Slot): string {
    if (slot.kind !== 'instance') return slot.name
    const generation = slot.nextGeneration ?? ++this.numbers.generation
    slot.nextGeneration = undefined
    return `${slot.name}-g${generation}`
  }

  #taskOf(slot: Slot, id: string): Task {
    const { folder, stateFolder } = this.options
    switch (slot.kind) {
      case 'postgres':
        return { kind: 'postgres', folder: path.join(stateFolder, 'postgres') }
      case 'gateway':
        return { kind: 'gateway', folder: folder.gateway }
      case 'companion':
        return { kind: 'companion', companion: this.#companionOf(slot) }
      case 'instance': {
        const system = this.plans.get(slot.plan)
        const planned = slotsOf(system).find(({ name }) => name === slot.name)
        if (planned === undefined) throw new Error(`plan ${slot.plan} has no ${slot.name}`)
        const circle = this.circles.get(slot.plan) ?? slot.plan
        const { databaseUrl } = this
        const place = { folder, stateFolder, planned, id, plan: slot.plan, circle, databaseUrl }
        return instanceTask(place, system)
      }
    }
  }

  #companionOf(slot: Slot): Extract<Task, { kind: 'companion' }>['companion'] {
    const { companions } = this.plans.get(slot.plan)
    const found = companions.find(({ name }) => `companion-${name}` === slot.name)
    if (found === undefined) throw new Error(`plan ${slot.plan} has no ${slot.name}`)
    return found
  }

  #eventsOf(slot: Slot, id: string): ChildEvents {
    const startMs = this.options.clock.monotonicMs()
    return {
      onReady: (report) => {
        if (report.databaseUrl !== undefined) this.#databaseUrl = report.databaseUrl
        this.publish()
        const tookMs = Math.round(this.options.clock.monotonicMs() - startMs)
        const { url } = report
        this.tell({ type: 'ready', id, tookMs, ...(url === undefined ? {} : { url }) })
        slot.becameReady()
      },
      onDraining: () => this.publish(),
      onHung: () => this.tell({ type: 'hung', id }),
      onMessage: (message) => {
        if (message.type === 'gatewayApplied') this.gateway.heard(message)
      },
    }
  }

  #ended(end: ChildEnd, pauseMs: number | undefined): void {
    const { folder } = this.options
    this.#tail.leave(end.id)
    this.publish()
    rmSync(peerSocketOf(folder, end.id), { force: true })
    this.record()
    const { id, wasStopped, wasReplaced, isForced, status } = end
    if (wasReplaced) this.tell({ type: 'step', text: `${id} gets a new keeper and serves on` })
    else if (wasStopped) this.tell({ type: 'stopped', id, isForced })
    else this.tell({ type: 'ended', id, status, pauseMs })
    const kept = new Set(this.slots.map(({ child }) => child?.id ?? ''))
    pruneLogs(folder.logs, (log) => kept.has(log)).catch((error: unknown) => this.warn(error))
  }

  #stopTimeoutMs(slot: Slot): number {
    const { limits } = this.options
    const isKeeper = slot.kind === 'postgres' || slot.kind === 'companion'
    if (isKeeper) return limits.keeperStopTimeoutMs
    const { drain } = this.plans.get(slot.child?.plan ?? slot.plan).plan
    return drain.deadlineMs + limits.stopMarginMs
  }
}
