import type { BanyanError } from './error.ts'
import type { Deadlines, Expiring } from './deadlines.ts'
import type { Principal } from './principal.ts'
import type { Trace } from './trace.ts'
import type { World } from './world.ts'

/** How much an operation matters under overload; the least important is refused first. */
export type Criticality = 'critical' | 'default' | 'sheddable' | 'background'

/** What travels with a request through every call it causes. */
export interface ContextOptions {
  readonly world: World
  readonly deadlines: Deadlines
  /** Monotonic milliseconds of this runtime's clock. */
  readonly deadlineMs: number
  readonly principal: Principal
  readonly trace: Trace
  readonly idempotencyKey: string | undefined
  readonly criticality: Criticality
  /** Consistency token: the position in the write-ahead log that a reader must have seen. */
  readonly token: string | undefined
}

/** The moving part of a request: deadline, cancellation, trace, principal, idempotency key,
 *  criticality and token. Contexts form a tree; cancelling one cancels all below it.
 *  Invariant: a context never outlives its parent's deadline. */
export class Context implements Expiring {
  readonly world: World
  readonly deadlines: Deadlines
  readonly deadlineMs: number
  readonly principal: Principal
  readonly trace: Trace
  readonly idempotencyKey: string | undefined
  readonly criticality: Criticality
  token: string | undefined

  deadlinePrevious: Expiring | undefined = undefined
  deadlineNext: Expiring | undefined = undefined
  deadlineSlot = -1

  #parent: Context | undefined = undefined
  #firstChild: Context | undefined = undefined
  #previousSibling: Context | undefined = undefined
  #nextSibling: Context | undefined = undefined
  #abort: AbortController | undefined = undefined
  #cancelled: BanyanError | undefined = undefined
  #onCancel: ((reason: BanyanError) => void) | undefined = undefined

  constructor(options: ContextOptions) {
    this.world = options.world
    this.deadlines = options.deadlines
    this.deadlineMs = options.deadlineMs
    this.principal = options.principal
    this.trace = options.trace
    this.idempotencyKey = options.idempotencyKey
    this.criticality = options.criticality
    this.token = options.token
  }

  /** Milliseconds left, ≤ 0 when the deadline has passed. */
  get remainingMs(): number {
    return this.deadlineMs - this.world.clock.monotonicMs()
  }

  /** Why the work is no longer wanted, or undefined while it is. */
  get cancelled(): BanyanError | undefined {
    return this.#cancelled
  }

  /** Fires when the deadline passes or the caller gives up; its `reason` is a coded error. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#cancelled !== undefined) this.#abort.abort(this.#cancelled)
    }
    return this.#abort.signal
  }

  /** Links this context below `parent` and starts to watch its deadline; `cancelled` is called at
   *  most once. Requires: called once, and `leave` afterwards. */
  enter(parent: Context | undefined, cancelled: (reason: BanyanError) => void): void {
    this.#onCancel = cancelled
    this.deadlines.watch(this)
    if (parent === undefined) return
    this.#parent = parent
    this.#nextSibling = parent.#firstChild
    if (parent.#firstChild !== undefined) parent.#firstChild.#previousSibling = this
    parent.#firstChild = this
  }

  /** Unlinks a finished context. Idempotent. */
  leave(): void {
    this.deadlines.unwatch(this)
    this.#onCancel = undefined
    const parent = this.#parent
    if (parent === undefined) return
    if (this.#previousSibling === undefined) parent.#firstChild = this.#nextSibling
    else this.#previousSibling.#nextSibling = this.#nextSibling
    if (this.#nextSibling !== undefined) {
      this.#nextSibling.#previousSibling = this.#previousSibling
    }
    this.#parent = undefined
    this.#previousSibling = undefined
    this.#nextSibling = undefined
  }

  /** Declares the work no longer wanted, here and in every context below. Idempotent. */
  cancel(reason: BanyanError): void {
    if (this.#cancelled !== undefined) return
    this.#cancelled = reason
    this.#abort?.abort(reason)
    this.#onCancel?.(reason)
    for (let child = this.#firstChild; child !== undefined; ) {
      const next: Context | undefined = child.#nextSibling
      child.cancel(reason)
      // a listener of the child may have made the next one leave
      child = next === undefined || next.#parent === this ? next : this.#firstWanted()
    }
  }

  #firstWanted(): Context | undefined {
    let child = this.#firstChild
    while (child !== undefined && child.#cancelled !== undefined) child = child.#nextSibling
    return child
  }

  /** Overridden where a context belongs to an operation, whose kind names the error. */
  expire(): void {}
}
