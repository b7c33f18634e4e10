import { type BanyanError, BoundedQueue, type Deadlines, kernelQueueFull } from '../kernel/index.ts'
import { dataClosed, dataPoolExhausted } from './errors.ts'
import type { Limits } from './limits.ts'
import type { PoolOptions } from './pool-options.ts'
import type { Connection, Problem } from './port.ts'
import { errorOfProblem } from './problem.ts'
import { WaitGuard } from './wait-guard.ts'

/** A wait for one connection. Whoever gave up gets none. */
export class ConnectionWait {
  readonly connection: Promise<Connection>
  isSettled = false
  readonly #deadlines: Deadlines
  readonly #settle: { resolve: (connection: Connection) => void; reject: (e: unknown) => void }
  #guard: WaitGuard | undefined

  constructor(deadlines: Deadlines) {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>()
    this.connection = promise
    this.#deadlines = deadlines
    this.#settle = { resolve, reject }
  }

  /** Bounds the wait: at `deadlineMs` it fails with what `error` makes. */
  guard(deadlineMs: number, error: () => BanyanError): void {
    this.#guard = new WaitGuard(deadlineMs, () => this.reject(error()))
    this.#deadlines.watch(this.#guard)
  }

  resolve(connection: Connection): void {
    this.#end()
    this.#settle.resolve(connection)
  }

  reject(error: unknown): void {
    if (this.isSettled) return
    this.#end()
    this.#settle.reject(error)
  }

  #end(): void {
    this.isSettled = true
    if (this.#guard !== undefined) this.#deadlines.unwatch(this.#guard)
  }
}

/** Shortest time between two searches of a full queue for those who have given up. */
const forgetEveryMs = 100

/** The connections of one module's transactions: each transaction has one to itself; who comes when
 *  all are taken waits in order of arrival.
 *  Limits: `transactionsMax` connections, `waitersMax` waiting for at most `waitMsMax`. */
export class TransactionPool {
  readonly module: string
  readonly address: string
  readonly limits: Limits
  /** Fault points of this module's commits. */
  readonly faultBefore: string
  readonly faultAfter: string
  readonly #options: PoolOptions
  readonly #waiting: BoundedQueue<ConnectionWait>
  readonly #all = new Set<Connection>()
  #idle: { readonly connection: Connection; readonly sinceMs: number }[] = []
  #opening = 0
  #forgottenMs = Number.NEGATIVE_INFINITY
  #isClosed = false
  #isDestroyed = false
  #drained: (() => void) | undefined

  constructor(options: PoolOptions) {
    this.#options = options
    this.module = options.module
    this.address = options.address
    this.limits = options.limits
    this.faultBefore = `${options.module}.commit.before`
    this.faultAfter = `${options.module}.commit.after`
    this.#waiting = new BoundedQueue('transactions', options.limits.waitersMax)
  }

  get connections(): number {
    return this.#all.size
  }

  get busy(): number {
    return this.#all.size - this.#idle.length + this.#opening
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Asks for a connection; give it back with `release`, exactly once. */
  acquire(deadlines: Deadlines): ConnectionWait {
    const wait = new ConnectionWait(deadlines)
    if (this.#isClosed) {
      wait.reject(dataClosed({}))
      return wait
    }
    const idle = this.#takeIdle()
    if (idle !== undefined) wait.resolve(idle)
    else if (this.#all.size + this.#opening < this.limits.transactionsMax) this.#open(wait)
    else this.#enqueue(wait)
    return wait
  }

  /** Takes a connection back. It serves again only when the server says that no transaction is open
   *  on it; otherwise it is cut, which rolls back. */
  release(connection: Connection): void {
    if (!connection.isOpen || connection.transactionState !== 'idle')
      return this.#discard(connection)
    const next = this.#nextWaiting()
    if (next !== undefined) return next.resolve(connection)
    this.#idle.push({ connection, sinceMs: this.#options.clock.monotonicMs() })
    if (this.#isClosed) this.#closeIdleBefore(Number.POSITIVE_INFINITY)
    this.#noteDrained()
  }

  /** Closes connections unused for `idleMsMax`. */
  closeIdle(): void {
    this.#closeIdleBefore(this.#options.clock.monotonicMs() - this.limits.idleMsMax)
  }

  /** Refuses new transactions; resolves when the running ones have ended. */
  async drain(): Promise<void> {
    this.#isClosed = true
    this.#closeIdleBefore(Number.POSITIVE_INFINITY)
    if (this.busy > 0) await new Promise<void>((resolve) => (this.#drained = resolve))
  }

  destroy(): void {
    this.#isClosed = true
    this.#isDestroyed = true
    for (let wait = this.#nextWaiting(); wait !== undefined; wait = this.#nextWaiting()) {
      wait.reject(dataClosed({}))
    }
    for (const connection of this.#all) connection.destroy()
  }

  /** Why a wait ended without a connection. */
  exhausted(reason: string): BanyanError {
    const { module, limits } = this
    const connections = limits.transactionsMax
    return dataPoolExhausted({ module, pool: 'transaction', connections, reason })
  }

  #takeIdle(): Connection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.connection.isOpen) return idle.connection
      this.#all.delete(idle.connection)
    }
    return undefined
  }

  #open(wait: ConnectionWait): void {
    this.#opening++
    this.#options.open().then(
      (connection) => {
        this.#opening--
        if (this.#isDestroyed) return this.#tooLate(connection, wait)
        this.#all.add(connection)
        connection.onLost(() => this.#lost(connection))
        if (wait.isSettled) this.release(connection)
        else wait.resolve(connection)
      },
      (problem: Problem) => {
        this.#opening--
        const place = { module: this.module, address: this.address, statement: 'connect' }
        wait.reject(errorOfProblem(problem, place))
        this.#openForNext()
      },
    )
  }

  /** A connection that opened after the end. */
  #tooLate(connection: Connection, wait: ConnectionWait): void {
    connection.destroy()
    wait.reject(dataClosed({}))
    this.#noteDrained()
  }

  #enqueue(wait: ConnectionWait): void {
    const { waitMsMax, waitersMax } = this.limits
    if (this.#waiting.size >= waitersMax) this.#forgetSettled()
    try {
      this.#waiting.push(wait)
    } catch (error) {
      const full = kernelQueueFull.is(error)
      wait.reject(full ? this.exhausted(`${waitersMax} transactions already wait`) : error)
      return
    }
    const deadlineMs = this.#options.clock.monotonicMs() + waitMsMax
    wait.guard(deadlineMs, () => this.exhausted(`waited ${waitMsMax} ms`))
  }

  /** Who has given up must not keep others out. Not at each refusal: in an overload nobody has. */
  #forgetSettled(): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs < this.#forgottenMs + forgetEveryMs) return
    this.#forgottenMs = nowMs
    this.#waiting.keep((wait) => !wait.isSettled)
  }

  #nextWaiting(): ConnectionWait | undefined {
    for (let wait = this.#waiting.shift(); wait !== undefined; wait = this.#waiting.shift()) {
      if (!wait.isSettled) return wait
    }
    return undefined
  }

  #discard(connection: Connection): void {
    this.#all.delete(connection)
    connection.destroy()
    this.#openForNext()
  }

  #openForNext(): void {
    const next = this.#nextWaiting()
    if (next !== undefined) this.#open(next)
    else this.#noteDrained()
  }

  /** Only an idle connection is forgotten here; a busy one is given back by who uses it. */
  #lost(connection: Connection): void {
    const index = this.#idle.findIndex((idle) => idle.connection === connection)
    if (index < 0) return
    this.#idle.splice(index, 1)
    this.#all.delete(connection)
  }

  #closeIdleBefore(beforeMs: number): void {
    const kept = this.#idle.filter((idle) => idle.sinceMs >= beforeMs)
    for (const idle of this.#idle) {
      if (idle.sinceMs >= beforeMs) continue
      this.#all.delete(idle.connection)
      void idle.connection.close()
    }
    this.#idle = kept
  }

  #noteDrained(): void {
    if (this.busy === 0) this.#drained?.()
  }
}
