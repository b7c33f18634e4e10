import type { BanyanError, Clock } from '../kernel/index.ts'
import { sleep } from '../kernel/index.ts'
import type { Child, ChildEnd } from './child.ts'
import { clusterProcessFailed, clusterStartOverdue, clusterStopped } from './errors.ts'
import { readLastLines } from './log-file.ts'
import type { RecordedChild, SlotKind, SlotRole } from './recorded-state.ts'
import type { RestartPolicy } from './restart-policy.ts'

export interface SlotOptions {
  readonly name: string
  readonly kind: SlotKind
  /** Of an instance. */
  readonly service: string | undefined
  readonly clock: Clock
  readonly policy: RestartPolicy
  /** Longest time from the start of a process to its readiness. */
  readonly startTimeoutMs: number
  /** When a process that was asked to end is ended by force. */
  readonly stopTimeoutMs: () => number
  /** Starts a process for it. */
  readonly launch: (slot: Slot) => Child
  readonly logOf: (id: string) => string
  /** Told when its process ended, with the pause until the next one; undefined: there is none. */
  readonly onEnded: (end: ChildEnd, pauseMs: number | undefined) => void
}

/** A process that ends this often within seconds of its start, while it is on trial, has a cause that
 *  another start does not remove. */
const quickEndsMax = 5

/** A place of the plan, and the process that fills it: started, watched, started again after a pause
 *  when it ended, until it is not wanted any more.
 *  Invariant: at most one process of a slot is alive. */
export class Slot {
  readonly name: string
  readonly kind: SlotKind
  readonly service: string | undefined
  /** The plan that its next process is started with. */
  plan: number
  role: SlotRole
  restarts = 0
  /** Whether it gives up when it cannot be started: until it was accepted as part of what runs. */
  isOnTrial = true
  /** A process that is about to be started: recorded before it exists. */
  intended: RecordedChild | undefined
  /** The generation that its next instance is given, if that is decided already. */
  nextGeneration: number | undefined
  readonly #options: SlotOptions
  readonly #first = Promise.withResolvers<void>()
  readonly #stopping = new AbortController()
  #child: Child | undefined
  #keeping: Promise<void> = Promise.resolve()
  #isHasty = false
  #hasBegun = false

  constructor(options: SlotOptions, place: { readonly plan: number; readonly role: SlotRole }) {
    this.name = options.name
    this.kind = options.kind
    this.service = options.service
    this.plan = place.plan
    this.role = place.role
    this.#options = options
    // Whoever waits hears of it; nobody needs to.
    this.#first.promise.catch(() => {})
  }

  /** The process that runs now. */
  get child(): Child | undefined {
    return this.#child
  }

  get isReady(): boolean {
    return this.#child?.phase === 'ready'
  }

  /** `waiting`: for the next start. */
  get state(): 'starting' | 'ready' | 'draining' | 'waiting' {
    const phase = this.#child?.phase
    return phase === undefined || phase === 'ended' ? 'waiting' : phase
  }

  /** Begins to keep a process here. Idempotent.
   *  @param adopted  the process that fills it already */
  begin(adopted?: Child): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    if (adopted?.phase === 'ready') this.#first.resolve()
    this.#keeping = this.#keep(adopted)
  }

  /** Waits until its process serves.
   *  @throws CLUSTER_PROCESS_FAILED when it ended five times within 5 s of its start, or for a reason
   *  that another start does not remove · CLUSTER_START_OVERDUE */
  whenReady(): Promise<void> {
    return this.#first.promise
  }

  /** Told by the process. */
  becameReady(): void {
    this.#first.resolve()
  }

  /** Ends its process in order; none is started again. Idempotent. */
  async stop(): Promise<void> {
    this.#abandon()
    if (this.#isHasty) this.hasten()
    else this.#child?.stop(this.#options.stopTimeoutMs())
    await this.#keeping
  }

  /** Ends its process as fast as it can be; none is started again. */
  hasten(): void {
    this.#isHasty = true
    this.#abandon()
    this.#child?.hasten(this.kind === 'instance' ? 0 : hastyStopMs)
  }

  /** Ends its process and starts the next at once: in order, but for the keeper of the gateway, which
   *  is cut off, so that the gateway serves on until the next keeper takes it over. */
  restart(): void {
    if (this.kind === 'gateway') this.#child?.replace()
    else this.#child?.stop(this.#options.stopTimeoutMs())
  }

  #abandon(): void {
    this.#stopping.abort()
    this.#first.reject(clusterStopped({ work: `starting ${this.name}` }))
  }

  async #keep(adopted: Child | undefined): Promise<void> {
    const { clock, policy, onEnded } = this.#options
    const { signal } = this.#stopping
    let next = adopted
    while (!signal.aborted) {
      policy.started()
      const child = next ?? this.#launch()
      next = undefined
      this.#child = child instanceof Error ? undefined : child
      const end = child instanceof Error ? notLaunched(this.name, child) : await this.#live(child)
      this.#child = undefined
      this.intended = undefined
      const pauseMs = this.#pauseAfter(end)
      onEnded(end, pauseMs)
      if (pauseMs === undefined) return
      this.restarts++
      await sleep(clock, pauseMs, signal).catch(() => {})
    }
  }

  #launch(): Child | Error {
    try {
      return this.#options.launch(this)
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  /** Waits for the end of a process; one that does not become ready is ended by force. */
  async #live(child: Child): Promise<ChildEnd> {
    const { clock, startTimeoutMs } = this.#options
    const overdue = clock.after(startTimeoutMs, () => {
      if (child.phase !== 'starting') return
      if (this.isOnTrial) this.#first.reject(this.#overdue(child))
      child.kill()
    })
    const end = await child.ended
    overdue.stop()
    return end
  }

  /** Undefined: no other process is started. */
  #pauseAfter(end: ChildEnd): number | undefined {
    if (this.#stopping.signal.aborted) return undefined
    if (end.wasStopped) return 0
    const pauseMs = this.#options.policy.ended()
    const isHopeless = end.isFinal || this.#options.policy.quickEnds >= quickEndsMax
    if (!this.isOnTrial || !isHopeless) return pauseMs
    this.#first.reject(this.#failed(end))
    return undefined
  }

  #failed(end: ChildEnd): BanyanError {
    const { status, error } = end
    const { id } = end
    const cause = error === undefined ? '' : `${error.code} ${error.message}`
    const lastLines = error === undefined ? readLastLines(this.#options.logOf(id)) : ''
    return clusterProcessFailed({ id, status, cause, fix: error?.fix ?? '', lastLines })
  }

  #overdue({ id }: Child): BanyanError {
    const lastLines = readLastLines(this.#options.logOf(id))
    return clusterStartOverdue({ id, waitedMs: this.#options.startTimeoutMs, lastLines })
  }
}

/** The machine gave no process: no memory, no descriptors, no disk. */
function notLaunched(id: string, { message }: Error): ChildEnd {
  const end = { id, status: message, exitCode: undefined, error: undefined }
  return { ...end, isFinal: false, wasStopped: false, wasReplaced: false, isForced: false }
}

/** For a keeper to end its engine by force. */
const hastyStopMs = 5_000
