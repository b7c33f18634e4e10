import type { BanyanError, Context } from '../kernel/index.ts'
import { dataPoolExhausted } from './errors.ts'
import type { Problem, StatementResult } from './port.ts'
import { errorOfProblem, isCancelled, isStalePlan } from './problem.ts'
import type { QueuedRead, ReadDispatcher, ReadPath } from './read-parts.ts'
import type { StatementShape } from './statement-catalog.ts'
import { StatementScope } from './statement-scope.ts'
import { WaitGuard } from './wait-guard.ts'

/** A read is sent again at most this often, when something that was not its fault ended it. */
const attemptsMax = 3

export interface ReadStatementOptions {
  readonly pool: ReadDispatcher
  readonly context: Context
  readonly shape: StatementShape
  readonly values: readonly unknown[]
  /** Ends the statement's record with its error's code, if any. */
  readonly recorded: (errorCode?: string) => void
}

/** One read on its way. It only reads, so it may be sent again: when the connection was lost, when
 *  a cancel meant for a neighbour hit it, and when its prepared form no longer fitted.
 *  Invariant: its promise is settled once; what arrives later is dropped. */
export class ReadStatement implements QueuedRead {
  readonly text: string
  readonly name: string | undefined
  readonly values: readonly unknown[]
  readonly isScript = false
  next: QueuedRead | undefined
  readonly result: Promise<StatementResult>
  readonly #options: ReadStatementOptions
  readonly #scope: StatementScope
  #settle: { resolve: (result: StatementResult) => void; reject: (error: unknown) => void }
  #isSettled = false
  #attempts = 0
  #lane: ReadPath | undefined
  #guard: WaitGuard | undefined

  constructor(options: ReadStatementOptions) {
    this.#options = options
    this.text = options.shape.text
    this.name = options.shape.name
    this.values = options.values
    this.#scope = new StatementScope(options.context, options.pool.module)
    const { promise, resolve, reject } = Promise.withResolvers<StatementResult>()
    this.result = promise
    this.#settle = { resolve, reject }
    this.#scope.enter(options.context, (reason) => this.#abandon(reason))
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  waitUntil(deadlineMs: number): void {
    this.#guard = new WaitGuard(deadlineMs, () => this.reject(this.#exhausted('waited too long')))
    this.#scope.deadlines.watch(this.#guard)
  }

  sentOn(lane: ReadPath): void {
    this.#stopWaiting()
    this.#lane = lane
    this.next = undefined
  }

  succeed(result: StatementResult): void {
    this.#lane?.answered(this)
    if (this.#isSettled) return
    this.#finish(undefined)
    this.#settle.resolve(result)
  }

  fail(problem: Problem): void {
    const lane = this.#lane
    lane?.answered(this)
    if (isStalePlan(problem)) lane?.retire()
    if (this.#isSettled) return
    const isStray = isCancelled(problem) && lane?.isCancelNear === true
    const isBlameless = problem.cause === 'lost' || isStray || isStalePlan(problem)
    if (isBlameless && ++this.#attempts < attemptsMax) {
      this.#lane = undefined
      this.#options.pool.dispatch(this)
      return
    }
    const { module, address } = this.#options.pool
    this.reject(errorOfProblem(problem, { module, address, statement: this.text }))
  }

  reject(error: unknown): void {
    if (this.#isSettled) return
    this.#finish(errorCodeOf(error))
    this.#settle.reject(error)
  }

  #abandon(reason: BanyanError): void {
    const isWaiting = this.#guard !== undefined
    const isLate = reason.code === 'DATA_DEADLINE_EXCEEDED'
    this.reject(isWaiting && isLate ? this.#exhausted('the deadline passed') : reason)
    this.#lane?.abandoned(this)
  }

  #exhausted(reason: string): BanyanError {
    const { module, limits } = this.#options.pool
    return dataPoolExhausted({
      module,
      pool: 'read',
      connections: limits.readConnectionsMax,
      reason,
    })
  }

  #finish(errorCode: string | undefined): void {
    this.#isSettled = true
    this.#stopWaiting()
    this.#scope.leave()
    this.#options.pool.settled()
    this.#options.recorded(errorCode)
  }

  #stopWaiting(): void {
    if (this.#guard === undefined) return
    this.#scope.deadlines.unwatch(this.#guard)
    this.#guard = undefined
  }
}

function errorCodeOf(error: unknown): string {
  return error instanceof Error ? error.name : 'KERNEL_BUG'
}
