import type { BanyanError, Context, World } from '../kernel/index.ts'
import type { ModuleTransactionOptions, Statement, TransactionCompanion } from './database.ts'
import { dataDeadlineExceeded, dataOutcomeUnknown, dataTransactionContended } from './errors.ts'
import { assertClaim, recordStatement, takeClaim } from './idempotency.ts'
import type { StatementRunner } from './kysely-executor.ts'
import type { StatementResult } from './port.ts'
import type { StatementRecorder } from './statement-recorder.ts'
import { StatementScope } from './statement-scope.ts'
import { TransactionAttempt } from './transaction-attempt.ts'
import type { ConnectionWait, TransactionPool } from './transaction-pool.ts'

const attemptsMax = 10
const backoffFirstMs = 4
const backoffMsMax = 250

export interface TransactionParts<Result> {
  readonly pool: TransactionPool
  readonly recorder: StatementRecorder
  readonly world: World
  readonly context: Context
  readonly work: (runner: StatementRunner, companion?: TransactionCompanion) => Promise<Result>
  readonly options: ModuleTransactionOptions
}

/** Runs one transaction to its end: waits for a connection, runs the work, commits, and begins
 *  again on conflicts. It obeys the context at every moment: before COMMIT is sent a deadline or
 *  cancellation rolls back, afterwards the outcome is unknown. */
export class TransactionRun<Result> {
  readonly #parts: TransactionParts<Result>
  readonly #scope: StatementScope
  readonly #stopped = Promise.withResolvers<never>()
  #wait: ConnectionWait | undefined
  #attempt: TransactionAttempt | undefined

  constructor(parts: TransactionParts<Result>) {
    this.#parts = parts
    this.#scope = new StatementScope(parts.context, parts.pool.module)
    this.#stopped.promise.catch(() => {})
  }

  async execute(): Promise<Result> {
    const { context, pool, options } = this.#parts
    StatementScope.assertAlive(context, pool.module)
    if (options.claim !== undefined) assertClaim(options.claim)
    this.#scope.enter(context, (reason) => this.#stop(reason))
    try {
      for (let attempt = 1; attempt <= attemptsMax; attempt++) {
        const outcome = await this.#tryOnce()
        if (outcome !== undefined) return outcome.result
        if (attempt < attemptsMax) await this.#pause(attempt)
      }
      throw dataTransactionContended({ module: pool.module, attempts: attemptsMax })
    } finally {
      this.#scope.leave()
    }
  }

  /** One attempt; undefined when it met a conflict and may be repeated. */
  async #tryOnce(): Promise<{ readonly result: Result } | undefined> {
    const attempt = await this.#open()
    this.#attempt = attempt
    try {
      return { result: await this.#untilStopped(this.#run(attempt)) }
    } catch (error) {
      const isStopped = this.#scope.cancelled !== undefined
      const rolledBack = attempt.rollBack()
      if (isStopped) throw error
      await rolledBack
      if (attempt.isRepeatable) return undefined
      throw error
    }
  }

  async #run(attempt: TransactionAttempt): Promise<Result> {
    const { work, options, world } = this.#parts
    const { claim } = options
    const companion = options.companion?.()
    // sent one after the other, without waiting: one round trip
    const opened = companion?.opened?.(attempt)
    const claimed = claim === undefined ? undefined : takeClaim(attempt, claim, world.clock)
    const [recorded] = await Promise.all([claimed, opened])
    if (recorded !== undefined) {
      await attempt.rollBack()
      return recorded.value as Result
    }
    const result = await work(attempt, companion)
    const last = [...(companion?.closing() ?? [])]
    if (claim !== undefined) last.push(recordStatement(claim, result))
    const answers = await this.#commit(attempt, last)
    companion?.committed?.(answers)
    return result
  }

  async #commit(
    attempt: TransactionAttempt,
    last: readonly Statement[],
  ): Promise<readonly StatementResult[]> {
    const { pool, world } = this.#parts
    await world.faults.reach('data.commit.before')
    await world.faults.reach(pool.faultBefore)
    if (this.#scope.cancelled !== undefined) throw this.#scope.cancelled
    const answers = await attempt.commit(last)
    try {
      await world.faults.reach('data.commit.after')
      await world.faults.reach(pool.faultAfter)
    } catch (cause) {
      throw dataOutcomeUnknown({ module: pool.module, reason: 'the answer was lost' }, { cause })
    }
    return answers
  }

  async #open(): Promise<TransactionAttempt> {
    const { pool, recorder, world, context, options } = this.#parts
    const isolation = options.isolation ?? 'read committed'
    this.#wait = pool.acquire(context.deadlines)
    const connection = await this.#wait.connection
    this.#wait = undefined
    if (this.#scope.cancelled !== undefined) {
      pool.release(connection)
      throw this.#scope.cancelled
    }
    const begin = isolation === 'read committed' ? 'begin' : `begin isolation level ${isolation}`
    const { trace } = context
    return new TransactionAttempt({ connection, pool, recorder, clock: world.clock, trace, begin })
  }

  /** Full jitter: anything between nothing and a bound that doubles each time. */
  async #pause(attempt: number): Promise<void> {
    const { clock, random } = this.#parts.world
    const boundMs = Math.min(backoffMsMax, backoffFirstMs * 2 ** attempt)
    const waited = new Promise<void>((resolve) => {
      clock.after(random.fraction() * boundMs, resolve)
    })
    await this.#untilStopped(waited)
  }

  #untilStopped<Value>(work: Promise<Value>): Promise<Value> {
    return Promise.race([work, this.#stopped.promise])
  }

  #stop(reason: BanyanError): void {
    const { pool } = this.#parts
    const attempt = this.#attempt
    const isLate = dataDeadlineExceeded.is(reason)
    this.#wait?.reject(isLate ? pool.exhausted('the deadline passed') : reason)
    if (attempt?.isCommitSent === true) {
      const why = `COMMIT was not answered in time (${reason.code})`
      this.#stopped.reject(dataOutcomeUnknown({ module: pool.module, reason: why }))
      return
    }
    attempt?.stop(reason)
    this.#stopped.reject(reason)
  }
}
