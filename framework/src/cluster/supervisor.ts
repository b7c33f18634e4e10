import { type Clock, createSystemRandom, type Random, type Timer } from '../kernel/index.ts'
import { FolderLock } from '../process/index.ts'
import { adopt, clearRemains, hasSurvivors, sortSurvivors } from './adoption.ts'
import { startInTurn } from './bring-up.ts'
import { ControlServer } from './control-server.ts'
import {
  clusterAlreadyRunning,
  clusterBusy,
  clusterFolderUnusable,
  clusterPlatformUnsupported,
  clusterStopped,
} from './errors.ts'
import type { Serving, SupervisorEvent } from './event.ts'
import { Fleet, type FleetOptions } from './fleet.ts'
import type { Request } from './message.ts'
import type { PlannedSystem } from './planned-system.ts'
import { assertFree } from './port-probe.ts'
import { issueCertificates, prepare } from './preparation.ts'
import { rowsOf } from './process-row.ts'
import { type RecordedState, tryReadState } from './recorded-state.ts'
import { retire } from './retire.ts'
import { complete, takeBack } from './roll-out.ts'
import { isSameSystem } from './roll-out-plan.ts'
import { openRunFolder, type RunFolder, runFolderAt } from './run-folder.ts'
import { servingOf } from './serving.ts'
import type { Slot } from './slot.ts'
import { publicAddressesOf, slotsOf } from './slot-plan.ts'
import { type SupervisorLimits, supervisorLimits } from './supervisor-limits.ts'
import { applySystem, describeSystem, restartTarget } from './system-change.ts'

/** What a supervisor is made of. */
export interface SupervisorOptions {
  /** Of local state; the run folder is in it. Absolute. */
  readonly stateFolder: string
  readonly clock: Clock
  readonly random?: Random
  /** What processes get besides their orders. */
  readonly env: FleetOptions['env']
  /** The program that does a task: `banyan instance …`. */
  readonly programOf: FleetOptions['programOf']
  readonly limits?: Partial<SupervisorLimits>
  readonly onEvent: (event: SupervisorEvent) => void
  /** Whether the reader of the log has room for more; true unless given. */
  readonly mayRead?: () => boolean
}

const farewellTimeoutMs = 1_000
const renewEveryMs = 3_600_000

/** Runs all processes of a plan on this machine, and keeps them running.
 *
 *  Its processes are not its children in the sense that they die with it: a supervisor that is killed
 *  leaves them serving, and the next one takes them over. What it must not forget is in the run folder
 *  before it happens.
 *  Invariant: one supervisor per folder; one change at a time. */
export class Supervisor {
  /** Fulfils when somebody asked over the control socket that everything ends. */
  readonly downRequested: Promise<void>
  readonly #fleet: Fleet
  readonly #lock: FolderLock
  readonly #options: SupervisorOptions
  readonly #requestDown: () => void
  readonly #stopped = Promise.withResolvers<void>()
  readonly #ending = new AbortController()
  #control: ControlServer | undefined
  #work: { readonly name: string; readonly promise: Promise<unknown> } | undefined
  #stopping: Promise<void> | undefined
  #renewal: Timer | undefined
  /** Whether what is in the run folder is known to this supervisor, so that it may clear it. */
  #isEngaged = false

  private constructor(options: SupervisorOptions, lock: FolderLock, folder: RunFolder) {
    this.#options = options
    this.#lock = lock
    this.#fleet = new Fleet({
      ...options,
      folder,
      random: options.random ?? createSystemRandom(),
      limits: { ...supervisorLimits, ...options.limits },
      mayRead: options.mayRead ?? (() => true),
      onEvent: (event) => this.tell(event),
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.downRequested = promise
    this.#requestDown = resolve
  }

  /** Takes the right to supervise a folder; nothing is started.
   *  @throws CLUSTER_ALREADY_RUNNING · CLUSTER_FOLDER_UNUSABLE · CLUSTER_PLATFORM_UNSUPPORTED */
  static async open(
    options: SupervisorOptions,
    platform: NodeJS.Platform = process.platform,
  ): Promise<Supervisor> {
    if (platform === 'win32') throw clusterPlatformUnsupported({ platform })
    const folder = runFolderAt(options.stateFolder)
    await openRunFolder(folder)
    const lock = await FolderLock.acquire(folder.lock, {
      inUse: (pid) => clusterAlreadyRunning({ folder: options.stateFolder, pid }),
      unusable: (cause) => clusterFolderUnusable({ folder: folder.root, cause }),
    })
    return new Supervisor(options, lock, folder)
  }

  /** Where processes find the database; undefined: where their own environment says, or nowhere. */
  get databaseUrl(): string | undefined {
    return this.#fleet.databaseUrl
  }

  /** Starts a system, or goes on with what a killed supervisor left running, whatever was to start.
   *  @returns when everything serves
   *  @throws CLUSTER_PORT_TAKEN · CLUSTER_PROCESS_FAILED · CLUSTER_START_OVERDUE · CLUSTER_STOPPED ·
   *    CLUSTER_STATE_UNREADABLE · what preparing threw; call `stop` then, for some of it may run */
  start(system: PlannedSystem, options: { readonly isSeeding: boolean }): Promise<Serving> {
    return this.#exclusively('starting', async () => {
      const state = tryReadState(this.#fleet.options.folder.state)
      const isAdopted = state !== undefined && (await hasSurvivors(state))
      if (isAdopted) await this.#goOn(state, system)
      else await this.#begin(system, state)
      await this.#bringUp(options)
      await complete(this.#fleet)
      await this.#forgetOldPlans()
      this.#renewCertificates()
      const serving = servingOf(this.#fleet, isAdopted ? 'adopted' : 'started')
      this.tell({ type: 'serving', ...serving })
      return serving
    })
  }

  /** Takes over what a killed supervisor left, to stop it. @returns whether there was anything */
  async takeOver(): Promise<boolean> {
    const state = tryReadState(this.#fleet.options.folder.state)
    if (state === undefined || !(await hasSurvivors(state))) return false
    await this.#goOn(state)
    return true
  }

  /** Ends everything in order: instances, gateway, companions, database. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** Makes a `stop` that is under way end everything by force. */
  hasten(): void {
    for (const slot of this.#fleet.slots) slot.hasten()
  }

  tell(event: SupervisorEvent): void {
    this.#options.onEvent(event)
    this.#control?.tell(event)
  }

  async #begin(system: PlannedSystem, earlier: RecordedState | undefined): Promise<void> {
    const fleet = this.#fleet
    const { numbers } = fleet
    await assertFree(publicAddressesOf(system.plan))
    await clearRemains(fleet.options.folder)
    this.#isEngaged = true
    numbers.plan = (earlier?.plan ?? 0) + 1
    numbers.generation = (earlier?.generation ?? 0) + 1
    fleet.circles.set(numbers.plan, numbers.plan)
    fleet.plans.write(numbers.plan, system)
    fleet.plans.publish(numbers.plan)
    for (const planned of slotsOf(system)) {
      const slot = fleet.add(planned, { plan: numbers.plan, role: 'current' })
      slot.nextGeneration = numbers.generation
    }
    fleet.record()
    await this.#listen()
  }

  /** @param wanted  what was to start, if anything was: that it is something else is said */
  async #goOn(state: RecordedState, wanted?: PlannedSystem): Promise<void> {
    await adopt(this.#fleet, state)
    this.#isEngaged = true
    const running = this.#fleet.plans.get(state.plan)
    if (wanted !== undefined && !isSameSystem(running, wanted)) {
      const text = `the topology ${running.plan.topology} ran on; \`banyan apply\` moves it to ${wanted.plan.topology}`
      this.tell({ type: 'step', text })
    }
    const { incoming } = sortSurvivors(this.#fleet)
    await this.#listen()
    this.#fleet.publish()
    this.#fleet.record()
    await takeBack(this.#fleet, incoming)
  }

  async #listen(): Promise<void> {
    const { folder, clock } = this.#fleet.options
    this.#control = await ControlServer.listen({
      path: folder.control,
      clock,
      greet: (hello, channel) => this.#fleet.greet(hello, channel),
      answer: (request) => this.#answer(request),
    })
  }

  /** Begins what does not run yet, in the order in which it is needed. */
  async #bringUp({ isSeeding }: { readonly isSeeding: boolean }): Promise<void> {
    const fleet = this.#fleet
    const { signal } = this.#ending
    const system = fleet.plans.get(fleet.numbers.plan)
    const of = (...kinds: readonly Slot['kind'][]): readonly Slot[] =>
      fleet.slots.filter(({ role, kind }) => role === 'current' && kinds.includes(kind))
    await startInTurn(of('postgres', 'companion'), (slot) => this.#fill(slot))
    if (!fleet.numbers.isPrepared) {
      await prepare(fleet, system, { isSeeding, signal })
      fleet.numbers.isPrepared = true
      fleet.record()
    }
    await startInTurn(of('instance'), (slot) => this.#fill(slot))
    fleet.publish()
    await startInTurn(of('gateway'), (slot) => this.#fill(slot))
    for (const slot of fleet.slots) slot.isOnTrial = false
  }

  async #fill(slot: Slot): Promise<void> {
    if (this.#ending.signal.aborted) throw clusterStopped({ work: `starting ${slot.name}` })
    slot.begin()
    await slot.whenReady()
  }

  async #answer(request: Request): Promise<unknown> {
    const fleet = this.#fleet
    switch (request.command) {
      case 'ps':
        return rowsOf(fleet)
      case 'describe':
        return describeSystem(fleet)
      case 'attach':
        return this.#stopped.promise
      case 'down':
        this.#requestDown()
        return this.#stopped.promise
      case 'restart': {
        const { signal } = this.#ending
        const work = (): Promise<unknown> => restartTarget(fleet, request.target, signal)
        return this.#exclusively(`restarting ${request.target}`, work)
      }
      case 'apply': {
        const { system, options } = request
        const work = async (): Promise<unknown> => {
          const applied = await applySystem(fleet, system, {
            ...options,
            signal: this.#ending.signal,
          })
          await this.#forgetOldPlans()
          return applied
        }
        return this.#exclusively(`applying ${system.plan.topology}`, work)
      }
    }
  }

  async #exclusively<Value>(name: string, run: () => Promise<Value>): Promise<Value> {
    if (this.#ending.signal.aborted) throw clusterStopped({ work: name })
    if (this.#work !== undefined) throw clusterBusy({ work: this.#work.name })
    const promise = run()
    this.#work = { name, promise }
    try {
      return await promise
    } finally {
      this.#work = undefined
    }
  }

  async #stop(): Promise<void> {
    const fleet = this.#fleet
    const work = this.#work?.promise
    this.#ending.abort(clusterStopped({ work: this.#work?.name ?? 'nothing' }))
    this.#renewal?.stop()
    if (this.#isEngaged) {
      await retire(fleet, fleet.slots, 'last')
      // What was under way may have begun something meanwhile; it takes that back, and so does this.
      await work?.catch(() => {})
      await retire(fleet, fleet.slots, 'last')
      await clearRemains(fleet.options.folder)
    }
    fleet.close()
    this.#stopped.resolve()
    await this.#control?.close(farewellTimeoutMs)
    await this.#lock.release()
  }

  async #forgetOldPlans(): Promise<void> {
    const { numbers, slots, plans, circles } = this.#fleet
    const used = slots.flatMap(({ plan, child }) => [plan, child?.plan ?? plan])
    const kept = [numbers.plan, numbers.previousPlan ?? numbers.plan, ...used]
    await plans.prune(kept)
    for (const plan of circles.keys()) if (!kept.includes(plan)) circles.delete(plan)
  }

  #renewCertificates(): void {
    const fleet = this.#fleet
    const { signal } = this.#ending
    this.#renewal = this.#options.clock.after(renewEveryMs, () => {
      const system = fleet.plans.get(fleet.numbers.plan)
      issueCertificates(fleet, system, signal)
        .catch((error: unknown) => fleet.warn(error))
        .finally(() => {
          if (!signal.aborted) this.#renewCertificates()
        })
    })
  }
}
