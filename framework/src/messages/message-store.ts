import type { ModuleDatabase, StatementRunner } from '../data/index.ts'
import type {
  Held,
  LeasedMessage,
  MessageProblem,
  OutcomeDone,
  OutcomeEnded,
  OutcomeRetry,
  OutcomeWaiting,
} from './leased-message.ts'
import type { PlatformContexts } from './platform-context.ts'
import * as sql from './store-sql.ts'

/** Leases that may end without a word before a message is parked. */
export const deathsMax = 5

/** What an operator has said of a queue. */
export interface QueueControl {
  readonly queue: string
  readonly isPaused: boolean
  readonly concurrencyMax: number | undefined
  readonly rate: { readonly count: number; readonly perMs: number } | undefined
}

export interface LeaseRequest {
  /** Who leases; for people. */
  readonly holder: string
  readonly leaseMs: number
  readonly max: number
}

const timeoutMs = 10_000
const nothing = Promise.resolve({ rowCount: 0 })

/** The messages of one module, as its worker needs them. Each method is one transaction as the module's
 *  writer. @throws DATA_UNAVAILABLE · DATA_OUTCOME_UNKNOWN · DATA_… (the worker tries again) */
export class MessageStore {
  readonly #database: ModuleDatabase
  readonly #contexts: PlatformContexts

  constructor(database: ModuleDatabase, contexts: PlatformContexts) {
    this.#database = database
    this.#contexts = contexts
  }

  /** The most urgent ready messages, in the order in which they should begin. */
  async lease(request: LeaseRequest, excluded: readonly string[]): Promise<LeasedMessage[]> {
    return this.#rows((runner) => runner.run(sql.leaseText, [...argumentsOf(request), excluded]))
  }

  /** Messages whose process died `deaths` times. */
  async leaseSuspects(
    request: LeaseRequest,
    deaths: number,
    excluded: readonly string[],
  ): Promise<LeasedMessage[]> {
    const values = [...argumentsOf(request), deaths, excluded]
    return this.#rows((runner) => runner.run(sql.leaseSuspectsText, values))
  }

  /** The messages of one queue that has limits: at most what they leave. */
  async leaseLimited(request: LeaseRequest, control: QueueControl): Promise<LeasedMessage[]> {
    const { queue } = control
    return this.#rows(async (runner) => {
      await runner.run(sql.lockQueueText, [queue])
      const { rows } = await runner.run(sql.allowanceText, [
        queue,
        control.concurrencyMax ?? null,
        control.rate?.count ?? null,
        control.rate?.perMs ?? null,
      ])
      const allowed = Math.min(request.max, Number(rows[0]?.['allowed'] ?? 0))
      if (allowed <= 0) return { rows: [] }
      const leased = await runner.run(sql.leaseQueueText, [
        ...argumentsOf({ ...request, max: allowed }),
        queue,
      ])
      if (control.rate !== undefined && leased.rows.length > 0) {
        const { count, perMs } = control.rate
        await runner.run(sql.spendText, [queue, leased.rows.length, count, perMs])
      }
      return leased
    })
  }

  /** The most deaths among what is ready; 0 where nothing died. */
  async suspects(excluded: readonly string[]): Promise<number> {
    const { rows } = await this.#run((runner) => runner.run(sql.suspectsText, [excluded]))
    return Number(rows[0]?.['deaths'] ?? 0)
  }

  async done(outcomes: readonly OutcomeDone[]): Promise<void> {
    await this.#run(async (runner) => {
      const messages = outcomes.map(({ message }) => message)
      const ended = runner.run(sql.doneText, heldColumns(messages))
      const unblocked = this.#unblock(runner, messages)
      await ended
      await unblocked
    })
  }

  async later(outcomes: readonly (OutcomeRetry | OutcomeWaiting)[]): Promise<void> {
    const values = [
      ...heldColumns(outcomes.map(({ message }) => message)),
      outcomes.map(({ delayMs }) => Math.ceil(delayMs)),
      outcomes.map(({ kind }) => (kind === 'retry' ? 1 : 0)),
      outcomes.map((outcome) => (outcome.kind === 'retry' ? textOf(outcome.problem) : null)),
      outcomes.map((outcome) => (outcome.kind === 'waiting' && outcome.isForEvent ? 4 : 1)),
    ]
    await this.#run((runner) => runner.run(sql.laterText, values))
  }

  /** Parks or cancels. */
  async end(outcomes: readonly OutcomeEnded[]): Promise<void> {
    await this.#run(async (runner) => {
      const messages = outcomes.map(({ message }) => message)
      const problems = outcomes.map(({ problem }) => textOf(problem))
      const states = outcomes.map(({ kind }) => (kind === 'parked' ? 5 : 7))
      await runner.run(sql.endText, [...heldColumns(messages), problems, states])
      await this.#unblock(runner, messages)
    })
  }

  async release(held: readonly Held[]): Promise<void> {
    if (held.length === 0) return
    await this.#run((runner) => runner.run(sql.releaseText, heldColumns(held)))
  }

  /** Extends leases. @returns those that are lost, and those that an operator cancelled */
  async extend(
    held: readonly Held[],
    leaseMs: number,
  ): Promise<{ readonly lost: Set<bigint>; readonly cancelling: Set<bigint> }> {
    const { rows } = await this.#run(async (runner) => {
      const extended = runner.run(sql.extendText, [...heldColumns(held), leaseMs])
      const looked = runner.run(sql.lookText, heldColumns(held))
      await extended
      return looked
    })
    const positions = (field: string): Set<bigint> =>
      new Set(rows.filter((row) => row[field] === true).map((row) => row['position'] as bigint))
    return { lost: positions('lost'), cancelling: positions('cancelling') }
  }

  /** Makes ready what is due and takes back what died; `heals` also unblocks what waits for nobody, at
   *  the cost of a look at every keyed message.
   *  @returns how many became ready, and milliseconds until the next is due */
  async keepHouse(
    died: MessageProblem,
    { heals }: { readonly heals: boolean },
  ): Promise<{ readonly ready: number; readonly nextDueMs: number | undefined }> {
    const all = await this.#run(async (runner) => {
      const promoted = runner.run(sql.promoteText, [])
      const reclaimed = runner.run(sql.reclaimText, [deathsMax, textOf(died)])
      const healed = heals ? runner.run(sql.healText, []) : nothing
      const due = runner.run(sql.nextDueText, [])
      return Promise.all([promoted, reclaimed, healed, due])
    })
    const [promoted, reclaimed, healed, due] = all
    const ms = due.rows[0]?.['ms']
    const ready = [promoted, reclaimed, healed].reduce((sum, { rowCount }) => {
      return sum + (rowCount ?? 0)
    }, 0)
    return { ready, nextDueMs: typeof ms === 'number' ? Math.max(0, ms) : undefined }
  }

  async controls(): Promise<readonly QueueControl[]> {
    const { rows } = await this.#run((runner) => runner.run(sql.controlsText, []))
    return rows.map((row) => ({
      queue: String(row['queue']),
      isPaused: row['is_paused'] === true,
      concurrencyMax: numberOf(row['concurrency_max']),
      rate: rateOf(numberOf(row['rate_count']), numberOf(row['rate_ms'])),
    }))
  }

  #unblock(runner: StatementRunner, messages: readonly LeasedMessage[]): Promise<unknown> {
    const keyed = messages.filter(({ key }) => key !== undefined)
    if (keyed.length === 0) return Promise.resolve()
    const values = [keyed.map(({ queue }) => queue), keyed.map(({ key }) => key)]
    return runner.run(sql.unblockText, values)
  }

  async #rows(
    work: (runner: StatementRunner) => Promise<{ readonly rows: Record<string, unknown>[] }>,
  ): Promise<LeasedMessage[]> {
    const { rows } = await this.#run(work)
    return rows.map(messageOf).sort((a, b) => (a.position < b.position ? -1 : 1))
  }

  #run<Result>(work: (runner: StatementRunner) => Promise<Result>): Promise<Result> {
    return this.#database.withRunner(this.#contexts.create(timeoutMs), work)
  }
}

function argumentsOf({ holder, leaseMs, max }: LeaseRequest): readonly unknown[] {
  return [holder, leaseMs, max]
}

function heldColumns(held: readonly Held[]): readonly unknown[][] {
  return [held.map(({ position }) => position), held.map(({ epoch }) => epoch)]
}

function messageOf(row: Record<string, unknown>): LeasedMessage {
  return {
    position: row['position'] as bigint,
    id: row['id'] as string,
    queue: row['queue'] as string,
    version: row['version'] as number,
    key: (row['key'] as string | null) ?? undefined,
    payload: row['payload'] as string,
    headers: row['headers'] as string,
    epoch: row['epoch'] as number,
    attempts: row['attempts'] as number,
    deaths: row['deaths'] as number,
    createdAtMs: row['created_ms'] as number,
  }
}

function textOf(problem: MessageProblem): string {
  return JSON.stringify(problem)
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function rateOf(count: number | undefined, perMs: number | undefined): QueueControl['rate'] {
  return count === undefined || perMs === undefined ? undefined : { count, perMs }
}
