import { BoundedQueue, kernelQueueFull } from '../kernel/index.ts'
import { dataClosed, dataPoolExhausted } from './errors.ts'
import type { Limits } from './limits.ts'
import type { PoolOptions } from './pool-options.ts'
import type { Connection, Problem } from './port.ts'
import { errorOfProblem } from './problem.ts'
import { ReadLane } from './read-lane.ts'
import type { QueuedRead, ReadDispatcher } from './read-parts.ts'

/** One more connection is opened when each open one has this many statements on its way. */
const growDepth = 16
/** Shortest time between two searches of a full queue for those who have given up. */
const forgetEveryMs = 100

/** The read connections of one module, shared by all its readers: each statement goes to the
 *  connection with the fewest on their way, and is not held up behind one that runs long while
 *  another connection is free or can be opened.
 *  Limits: `readConnectionsMax` connections, `readDepthMax` statements on each, `waitersMax` more. */
export class ReadPool implements ReadDispatcher {
  readonly module: string
  readonly address: string
  readonly limits: Limits
  readonly #options: PoolOptions
  readonly #waiting: BoundedQueue<QueuedRead>
  #lanes: ReadLane[] = []
  #opening = 0
  #active = 0
  #forgottenMs = Number.NEGATIVE_INFINITY
  #isClosed = false
  #drained: (() => void) | undefined

  constructor(options: PoolOptions) {
    this.#options = options
    this.module = options.module
    this.address = options.address
    this.limits = options.limits
    this.#waiting = new BoundedQueue('reads', options.limits.waitersMax)
  }

  get connections(): number {
    return this.#lanes.length
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Accepts a new statement; it settles itself. */
  submit(statement: QueuedRead): void {
    this.#active++
    this.dispatch(statement)
  }

  dispatch(statement: QueuedRead): void {
    if (this.#isClosed) return statement.reject(dataClosed({}))
    const lane = this.#pick()
    if (lane === undefined) this.#enqueue(statement)
    else this.#send(lane, statement)
  }

  settled(): void {
    this.#active--
    if (this.#active === 0) this.#drained?.()
  }

  /** Closes connections unused for `idleMsMax`. */
  closeIdle(): void {
    const beforeMs = this.#options.clock.monotonicMs() - this.limits.idleMsMax
    for (const lane of this.#lanes) {
      if (lane.inFlight === 0 && lane.lastUsedMs < beforeMs) lane.retire()
    }
    this.#forgetClosed()
  }

  /** Refuses new statements; resolves when those accepted are settled. */
  async drain(): Promise<void> {
    this.#isClosed = true
    if (this.#active > 0) await new Promise<void>((resolve) => (this.#drained = resolve))
    for (const lane of this.#lanes) lane.retire()
  }

  destroy(): void {
    this.#isClosed = true
    for (const lane of this.#lanes) lane.destroy()
    this.#rejectWaiting(dataClosed({}))
  }

  #pick(): ReadLane | undefined {
    const nowMs = this.#options.clock.monotonicMs()
    let best: ReadLane | undefined
    let bestCost = Number.POSITIVE_INFINITY
    for (const lane of this.#lanes) {
      const cost = laneCost(lane, nowMs)
      if (cost < bestCost) {
        best = lane
        bestCost = cost
      }
    }
    if (best === undefined || bestCost >= growDepth) this.#grow()
    return best !== undefined && best.inFlight < this.limits.readDepthMax && best.isUsable
      ? best
      : undefined
  }

  #send(lane: ReadLane, statement: QueuedRead): void {
    try {
      lane.send(statement)
    } catch (error) {
      statement.reject(error)
    }
  }

  #enqueue(statement: QueuedRead): void {
    if (this.#waiting.size >= this.limits.waitersMax) this.#forgetSettled()
    try {
      this.#waiting.push(statement)
    } catch (error) {
      statement.reject(kernelQueueFull.is(error) ? this.#full() : error)
      return
    }
    statement.waitUntil(this.#options.clock.monotonicMs() + this.limits.waitMsMax)
  }

  /** Who has given up must not keep others out. Not at each refusal: in an overload nobody has. */
  #forgetSettled(): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs < this.#forgottenMs + forgetEveryMs) return
    this.#forgottenMs = nowMs
    this.#waiting.keep((statement) => !statement.isSettled)
  }

  #full(): Error {
    const { module, limits } = this
    const reason = `${limits.waitersMax} statements already wait`
    return dataPoolExhausted({
      module,
      pool: 'read',
      connections: limits.readConnectionsMax,
      reason,
    })
  }

  #grow(): void {
    this.#forgetClosed()
    const usable = this.#lanes.filter((lane) => lane.isUsable).length
    if (usable + this.#opening >= this.limits.readConnectionsMax) return
    this.#opening++
    this.#options.open().then(
      (connection) => this.#opened(connection),
      (problem: Problem) => this.#notOpened(problem),
    )
  }

  #opened(connection: Connection): void {
    this.#opening--
    const lane = new ReadLane(connection, this.#options.clock, (used) => this.#feed(used))
    this.#lanes.push(lane)
    connection.onLost(() => this.#forgetClosed())
    if (this.#isClosed) lane.retire()
    this.#feed(lane)
  }

  /** Whoever waits is told at once: waiting on a server that is down helps nobody. */
  #notOpened(problem: Problem): void {
    this.#opening--
    this.#forgetClosed()
    if (this.#lanes.length > 0) return
    const place = { module: this.module, address: this.address, statement: 'connect' }
    this.#rejectWaiting(errorOfProblem(problem, place))
  }

  #rejectWaiting(error: Error): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.reject(error)
    }
  }

  #feed(lane: ReadLane): void {
    while (this.#waiting.size > 0 && lane.isUsable && lane.inFlight < this.limits.readDepthMax) {
      const next = this.#waiting.shift()
      if (next !== undefined && !next.isSettled) this.#send(lane, next)
    }
    if (!lane.isUsable && this.#waiting.size > 0) this.#grow()
  }

  #forgetClosed(): void {
    this.#lanes = this.#lanes.filter((lane) => lane.isOpen)
  }
}

function laneCost(lane: ReadLane, nowMs: number): number {
  if (!lane.isUsable) return Number.POSITIVE_INFINITY
  return lane.isStalled(nowMs) ? lane.inFlight + growDepth : lane.inFlight
}
