import type pg from 'pg'
import type { Connection, StatementResult, Submission } from '../../../data/index.ts'
import { requestCancel } from './cancel.ts'
import { lost, problemOf } from './problems.ts'
import { encodeValues } from './values.ts'
import type { WireClient, WireConfig, WireQuery } from './wire.ts'

const states = { I: 'idle', T: 'open', E: 'failed' } as const

/** A connection of the `pg` library in pipeline mode. */
export class PostgresConnection implements Connection {
  readonly #client: WireClient
  readonly #config: WireConfig
  #isOpen = true
  #isClosing = false
  #isGathering = false
  #lost: (() => void) | undefined

  /** Requires: `client` is connected. */
  constructor(client: WireClient, config: WireConfig) {
    this.#client = client
    this.#config = config
    client.on('error', () => this.#end())
    client.once('end', () => this.#end())
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.#isClosing
  }

  get transactionState(): 'idle' | 'open' | 'failed' {
    return states[this.#client.getTransactionStatus() ?? 'I']
  }

  send(submission: Submission): void {
    if (!this.isOpen) {
      queueMicrotask(() => submission.fail(lost()))
      return
    }
    const query = queryOf(submission)
    this.#gatherWrites()
    this.#client.query(query, (error: Error | null, result: unknown) => {
      if (error === null) submission.succeed(resultOf(result as pg.QueryResult | pg.QueryResult[]))
      else submission.fail(problemOf(error))
    })
  }

  /** What is sent in one turn of the event loop leaves in one write: a system call costs more than
   *  the statement's bytes. */
  #gatherWrites(): void {
    if (this.#isGathering) return
    this.#isGathering = true
    const { stream } = this.#client.connection
    stream.cork()
    process.nextTick(() => {
      this.#isGathering = false
      stream.uncork()
    })
  }

  cancel(): Promise<void> {
    return this.#isOpen ? requestCancel(this.#config, this.#client) : Promise.resolve()
  }

  onLost(lostCallback: () => void): void {
    if (this.#isOpen) this.#lost = lostCallback
    else queueMicrotask(lostCallback)
  }

  onNotification(heard: (channel: string, payload: string) => void): void {
    this.#client.on('notification', ({ channel, payload }) => heard(channel, payload ?? ''))
  }

  async close(): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    if (this.#isOpen) await this.#client.end()
  }

  destroy(): void {
    this.#client.connection.stream.destroy()
  }

  #end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    if (!this.#isClosing) this.#lost?.()
  }
}

function queryOf(submission: Submission): WireQuery {
  const { text, name } = submission
  if (submission.isScript) return { text }
  const values = encodeValues(submission.values)
  return { text, values, queryMode: 'extended', ...(name === undefined ? {} : { name }) }
}

/** A script answers once per statement; its last answer counts. */
function resultOf(result: pg.QueryResult | pg.QueryResult[]): StatementResult {
  const last = Array.isArray(result) ? result.at(-1) : result
  return {
    command: last?.command ?? '',
    rowCount: last?.rowCount ?? undefined,
    rows: last?.rows ?? [],
  }
}
