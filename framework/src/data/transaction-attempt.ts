import type { BanyanError, Clock, Trace } from '../kernel/index.ts'
import { dataOutcomeUnknown, dataTransactionEnded, dataUnavailable } from './errors.ts'
import type { Statement } from './database.ts'
import type { StatementRunner } from './kysely-executor.ts'
import { settleMsMax } from './limits.ts'
import type { Connection, Problem, StatementResult } from './port.ts'
import { errorOfProblem, isConflict, isStalePlan } from './problem.ts'
import type { StatementRecorder } from './statement-recorder.ts'
import type { TransactionPool } from './transaction-pool.ts'
import { TransactionStatement } from './transaction-statement.ts'

export interface AttemptOptions {
  readonly connection: Connection
  readonly pool: TransactionPool
  readonly recorder: StatementRecorder
  readonly clock: Clock
  readonly trace: Trace
  /** `begin …`, with the isolation level. */
  readonly begin: string
}

/** One run of a transaction on one connection.
 *
 *  fresh → open (BEGIN sent in front of the first statement) → committing → ended
 *                └──────────────── rolled back ───────────────────────────→ ended
 *
 *  Invariant: the connection is given back exactly once, by `commit` or `rollBack`, and only after
 *  the server has answered everything that was sent on it. */
export class TransactionAttempt implements StatementRunner {
  /** The first problem the server reported; from then on the transaction can only be rolled back. */
  problem: Problem | undefined
  readonly #options: AttemptOptions
  readonly #pending = new Set<TransactionStatement>()
  #inFlight = 0
  #state: 'fresh' | 'open' | 'committing' | 'ended' = 'fresh'
  #isCommitSent = false
  #stopped: BanyanError | undefined

  constructor(options: AttemptOptions) {
    this.#options = options
  }

  /** Whether COMMIT is on its way: from then on the outcome is the server's. */
  get isCommitSent(): boolean {
    return this.#isCommitSent
  }

  /** Whether the same work may succeed when run again from its start. */
  get isRepeatable(): boolean {
    return this.problem !== undefined && (isConflict(this.problem) || isStalePlan(this.problem))
  }

  run(text: string, values: readonly unknown[]): Promise<StatementResult> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped)
    if (this.#state === 'ended' || this.#state === 'committing') {
      return Promise.reject(dataTransactionEnded({ module: this.#options.pool.module }))
    }
    if (this.#state === 'fresh') this.#begin()
    return this.#send(text, values, false)
  }

  /** Commits what was done; `last` is sent in front of COMMIT without waiting for the answers.
   *  @returns the answers to `last`
   *  @throws DATA_OUTCOME_UNKNOWN when the connection was lost after COMMIT had been sent. */
  async commit(last: readonly Statement[] = []): Promise<readonly StatementResult[]> {
    const [first] = last
    if (this.#state === 'fresh') {
      if (first === undefined) {
        this.#giveBack()
        return []
      }
      if (last.length === 1 && this.#options.begin === 'begin') return this.#commitAlone(first)
      this.#begin()
    }
    return this.#settle(async () => {
      const closing = last.map(({ text, values }) => this.#send(text, values, false))
      for (const answer of closing) answer.catch(() => {})
      const { command } = await this.#send('commit', [], true)
      if (command !== 'COMMIT') throw this.#errorOf(this.problem ?? abortedProblem, 'commit')
      return Promise.all(closing)
    })
  }

  /** A transaction of one statement needs no BEGIN and no COMMIT: the statement commits itself. */
  #commitAlone({ text, values }: Statement): Promise<readonly StatementResult[]> {
    return this.#settle(async () => [await this.#send(text, values, false)])
  }

  /** Sends what commits, and waits for the answer. */
  async #settle<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    const { connection, pool } = this.#options
    if (!connection.isOpen) throw this.#lostBefore()
    this.#state = 'committing'
    this.#isCommitSent = true
    const guard = this.#cutAfterGrace()
    try {
      return await send()
    } catch (error) {
      throw this.problem?.cause === 'server' || this.problem === undefined
        ? error
        : dataOutcomeUnknown(
            { module: pool.module, reason: this.problem.message },
            { cause: error },
          )
    } finally {
      guard.stop()
      this.#giveBack()
    }
  }

  /** Rolls back and gives the connection back; whatever still runs is cancelled first. Never
   *  throws; idempotent. */
  async rollBack(): Promise<void> {
    if (this.#state === 'fresh') return this.#giveBack()
    if (this.#state !== 'open') return
    this.#state = 'ended'
    const guard = this.#cutAfterGrace()
    if (this.#inFlight > 0 && this.problem === undefined) {
      await this.#options.connection.cancel()
      await this.#send('select', [], true).catch(() => {})
    }
    await this.#send('rollback', [], true).catch(() => {})
    guard.stop()
    this.#giveBack()
  }

  /** Tells everybody who waits for a statement that the work is no longer wanted. */
  stop(reason: BanyanError): void {
    this.#stopped = reason
    for (const statement of this.#pending) statement.reject(reason)
  }

  #begin(): void {
    this.#state = 'open'
    this.#send(this.#options.begin, [], true).catch(() => {})
  }

  async #send(
    text: string,
    values: readonly unknown[],
    isScript: boolean,
  ): Promise<StatementResult> {
    const { recorder, connection, trace } = this.#options
    const shape = recorder.catalog.shapeOf(text)
    const statement = new TransactionStatement({
      shape,
      values,
      isScript,
      recorded: recorder.start(shape, trace),
      answered: this.#answered,
      errorOf: this.#errorOf,
    })
    try {
      connection.send(statement)
    } catch (error) {
      statement.reject(error)
      return statement.result
    }
    this.#inFlight++
    this.#pending.add(statement)
    return statement.result
  }

  readonly #answered = (statement: TransactionStatement, problem: Problem | undefined): void => {
    this.#inFlight--
    this.#pending.delete(statement)
    if (problem !== undefined) this.problem ??= problem
  }

  readonly #errorOf = (problem: Problem, statement: string): BanyanError => {
    const { module, address } = this.#options.pool
    return errorOfProblem(problem, { module, address, statement })
  }

  #lostBefore(): BanyanError {
    const reason = 'the connection was lost before COMMIT'
    return dataUnavailable({ address: this.#options.pool.address, reason })
  }

  /** A server that does not answer is given up after a while: cutting the connection settles it. */
  #cutAfterGrace(): { stop(): void } {
    const { clock, connection } = this.#options
    return clock.after(settleMsMax, () => connection.destroy(), { background: true })
  }

  /** A connection whose prepared statements no longer fit is cut, not kept. */
  #giveBack(): void {
    this.#state = 'ended'
    const { connection, pool } = this.#options
    if (this.problem !== undefined && isStalePlan(this.problem)) connection.destroy()
    pool.release(connection)
  }
}

/** COMMIT was answered with ROLLBACK although no statement failed: the server says no more. */
const abortedProblem: Problem = {
  cause: 'server',
  sqlState: '25P02',
  message: 'the server rolled back instead of committing',
  detail: undefined,
  hint: undefined,
  constraint: undefined,
  table: undefined,
  column: undefined,
  position: undefined,
  routine: undefined,
}
