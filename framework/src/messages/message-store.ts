import type { ModuleDatabase, Statement, StatementResult, StatementRunner } from '../data/index.ts'
import type {
  Held,
  LeasedMessage,
  MessageProblem,
  OutcomeDone,
  OutcomeEnded,
  OutcomeRetry,
  OutcomeWaiting,
  Said,
} from './leased-message.ts'
import type { PlatformContexts } from './platform-context.ts'
import { sweepAwaitedText } from './saga/saga-sql.ts'
import { waitingIn } from './saga/waiting-in.ts'
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

export interface KeepRequest {
  /** Those of what is held whose leases are to be extended. */
  readonly extended: readonly Held[]
  readonly leaseMs: number
  readonly said: readonly Said[]
}

/** What was found out about what is held, by position. */
export interface KeptLook {
  /** Not ours any more. */
  readonly lost: ReadonlySet<bigint>
  /** To be cancelled, says an operator. */
  readonly cancelling: ReadonlySet<bigint>
  /** Not extended, because a transaction of its own run held it. */
  readonly locked: ReadonlySet<bigint>
  /** Progress was written. */
  readonly told: ReadonlySet<bigint>
}

const timeoutMs = 10_000
const asideTurnsMax = 20
const noRows: Pick<StatementResult, 'rows'> = { rows: [] }
const walk: Statement = { text: sql.walkText, values: [] }

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
    const values = [...argumentsOf(request), excluded]
    return this.#take(() => this.#walk(sql.leaseText, values))
  }

  /** Messages whose process died `deaths` times. */
  async leaseSuspects(
    request: LeaseRequest,
    deaths: number,
    excluded: readonly string[],
  ): Promise<LeasedMessage[]> {
    const values = [...argumentsOf(request), deaths, excluded]
    return this.#take(() => this.#walk(sql.leaseSuspectsText, values))
  }

  /** The messages of one queue that has limits: at most what they leave.
   *  @param deaths  0, or how often the process of those that are wanted died
   *  @returns also milliseconds until its rate lets more begin, where that is what holds it */
  async leaseLimited(
    request: LeaseRequest,
    control: QueueControl,
    deaths: number = 0,
  ): Promise<{ readonly leased: LeasedMessage[]; readonly againMs: number | undefined }> {
    const { queue, concurrencyMax, rate } = control
    const limits = [concurrencyMax ?? null, rate?.count ?? null, rate?.perMs ?? null]
    let againMs: number | undefined
    const leased = await this.#take(() =>
      this.#run(async (runner) => {
        void runner.run(sql.walkText, []).catch(() => {})
        await runner.run(sql.lockQueueText, [queue])
        const { rows } = await runner.run(sql.allowanceText, [queue, ...limits])
        const allowed = Math.min(request.max, Number(rows[0]?.['allowed'] ?? 0))
        const ms = Number(rows[0]?.['again_ms'])
        againMs = rate !== undefined && ms > 0 ? ms : undefined
        if (allowed <= 0) return noRows
        const values = [...argumentsOf({ ...request, max: allowed }), queue, deaths]
        const taken = await runner.run(sql.leaseQueueText, values)
        const count = taken.rows.filter(isLeased).length
        if (rate !== undefined && count > 0) {
          await runner.run(sql.spendText, [queue, count, rate.count, rate.perMs])
        }
        return taken
      }),
    )
    return { leased, againMs }
  }

  /** The most deaths among what is ready; 0 where nothing died. */
  async suspects(paused: readonly string[]): Promise<number> {
    const { rows } = await this.#walk(sql.suspectsText, [paused])
    return Number(rows[0]?.['deaths'] ?? 0)
  }

  async done(outcomes: readonly OutcomeDone[]): Promise<void> {
    const messages = outcomes.map(({ message }) => message)
    const kept = outcomes.filter(({ isKept }) => isKept).map(({ message }) => message)
    const gone = outcomes.filter(({ isKept }) => !isKept).map(({ message }) => message)
    const statements: Statement[] = [walk]
    if (gone.length > 0) statements.push({ text: sql.doneText, values: heldColumns(gone) })
    if (kept.length > 0) statements.push({ text: sql.keptText, values: heldColumns(kept) })
    await this.#runAll(statements)
    await this.#unblock(messages)
  }

  async later(outcomes: readonly (OutcomeRetry | OutcomeWaiting)[]): Promise<void> {
    await this.#run(async (runner) => {
      void runner.run(sql.walkText, []).catch(() => {})
      const waiting = await waitingIn(runner, outcomes)
      const isAnswered = (outcome: OutcomeRetry | OutcomeWaiting): boolean =>
        outcome.kind === 'waiting' && outcome.waits.length > 0 && !waiting.has(outcome)
      const values = [
        ...heldColumns(outcomes.map(({ message }) => message)),
        outcomes.map((outcome) => (isAnswered(outcome) ? 0 : Math.ceil(outcome.delayMs))),
        outcomes.map(({ kind }) => (kind === 'retry' ? 1 : 0)),
        outcomes.map(({ problem }) => (problem === undefined ? null : textOf(problem))),
        outcomes.map((outcome) => (waiting.has(outcome) ? 4 : Number(!isAnswered(outcome)))),
      ]
      await runner.run(sql.laterText, values)
    })
  }

  /** Parks or cancels. */
  async end(outcomes: readonly OutcomeEnded[]): Promise<void> {
    const messages = outcomes.map(({ message }) => message)
    const problems = outcomes.map(({ problem }) => textOf(problem))
    const states = outcomes.map(({ kind }) => (kind === 'parked' ? 5 : 7))
    const values = [...heldColumns(messages), problems, states]
    await this.#walk(sql.endText, values)
    await this.#unblock(messages)
  }

  async release(held: readonly Held[]): Promise<void> {
    if (held.length === 0) return
    await this.#walk(sql.releaseText, heldColumns(held))
  }

  /** Gives back what was leased by a statement whose answer was lost. */
  async releaseStray(holder: string, held: Iterable<bigint>): Promise<void> {
    await this.#walk(sql.releaseStrayText, [holder, [...held]])
  }

  /** Extends leases, writes progress, and looks after what is held. */
  async keep(held: readonly Held[], { extended, leaseMs, said }: KeepRequest): Promise<KeptLook> {
    const epochs = new Map(held.map(({ position, epoch }) => [position, epoch]))
    const progress = [
      said.map(({ position }) => position),
      said.map(({ position }) => epochs.get(position) ?? 0),
      said.map((one) => one.progress.fraction),
      said.map((one) => one.progress.note ?? null),
    ]
    const [, kept = noRows, told = noRows, { rows } = noRows] = await this.#runAll([
      walk,
      { text: sql.extendText, values: [...heldColumns(extended), leaseMs] },
      { text: sql.progressText, values: progress },
      { text: sql.lookText, values: heldColumns(held) },
    ])
    const positions = (field: string): Set<bigint> =>
      positionsOf(rows.filter((row) => row[field] === true))
    const [lost, done] = [positions('lost'), positionsOf(kept.rows)]
    const left = extended.map(({ position }) => position)
    return {
      ...{ lost, cancelling: positions('cancelling'), told: positionsOf(told.rows) },
      locked: new Set(left.filter((position) => !done.has(position) && !lost.has(position))),
    }
  }

  /** Makes ready what is due and takes back what died; `heals` also unblocks what waits for nobody, at
   *  the cost of a look at every keyed message.
   *  @returns milliseconds until the next is due */
  async keepHouse(
    died: MessageProblem,
    { heals }: { readonly heals: boolean },
  ): Promise<{ readonly nextDueMs: number | undefined }> {
    const [, , reclaimed, due] = await this.#runAll([
      walk,
      { text: sql.promoteText, values: [] },
      { text: sql.reclaimText, values: [deathsMax, textOf(died)] },
      { text: sql.nextDueText, values: [] },
    ])
    await this.#unblock(
      (reclaimed?.rows ?? [])
        .filter((row) => row['state'] === 5)
        .map((row) => ({ queue: String(row['queue']), key: textOrNone(row['key']) })),
    )
    if (heals) await this.#run((runner) => runner.run(sql.healText, []))
    const ms = due?.rows[0]?.['ms']
    return { nextDueMs: typeof ms === 'number' ? Math.max(0, ms) : undefined }
  }

  /** Forgets a batch of what was heard, and one of messages that ended, longer ago than `keptMs`.
   *  @returns the larger number of rows */
  async sweep(keptMs: number, max: number): Promise<number> {
    const heard = await this.#run((runner) => runner.run(sql.sweepHeardText, [keptMs, max]))
    const awaited = await this.#run((runner) => runner.run(sweepAwaitedText, [keptMs, max]))
    const ended = await this.#run((runner) => runner.run(sql.sweepEndedText, [keptMs, max]))
    return Math.max(heard.rowCount ?? 0, awaited.rowCount ?? 0, ended.rows.length)
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

  /** Lets the next message of each key go. In a transaction after the one that ended its predecessor:
   *  who adds a message looks after its own commit as well, so that one of both sees the other. */
  async #unblock(
    messages: readonly { readonly queue: string; readonly key: string | undefined }[],
  ): Promise<void> {
    const keyed = messages.filter(({ key }) => key !== undefined)
    if (keyed.length === 0) return
    const values = [keyed.map(({ queue }) => queue), keyed.map(({ key }) => key)]
    await this.#walk(sql.unblockText, values)
  }

  /** Runs a lease, again while all that it met was put aside. What was may have lost its predecessor in
   *  the same moment: a look afterwards finds out. */
  async #take(lease: () => Promise<Pick<StatementResult, 'rows'>>): Promise<LeasedMessage[]> {
    for (let turn = 0; ; turn++) {
      const { rows } = await lease()
      const leased = rows.filter(isLeased)
      const aside = rows.filter((row) => !isLeased(row)).map((row) => row['position'])
      if (aside.length > 0) await this.#walk(sql.recheckText, [aside])
      if (leased.length > 0 || aside.length === 0 || turn === asideTurnsMax) {
        return leased.map(messageOf).sort(inOrder)
      }
    }
  }

  /** One statement that walks indexes. */
  async #walk(text: string, values: readonly unknown[]): Promise<Pick<StatementResult, 'rows'>> {
    const [, answer] = await this.#runAll([walk, { text, values }])
    return answer ?? noRows
  }

  #runAll(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    return this.#database.runAll(this.#contexts.create(timeoutMs), statements)
  }

  #run<Result>(work: (runner: StatementRunner) => Promise<Result>): Promise<Result> {
    return this.#database.withRunner(this.#contexts.create(timeoutMs), work)
  }
}

function isLeased(row: Record<string, unknown>): boolean {
  return row['state'] === 2
}

function argumentsOf({ holder, leaseMs, max }: LeaseRequest): readonly unknown[] {
  return [holder, leaseMs, max]
}

function heldColumns(held: readonly Held[]): readonly unknown[][] {
  return [held.map(({ position }) => position), held.map(({ epoch }) => epoch)]
}

/** As the index gives them: an update returns its rows in any order. */
function inOrder(a: LeasedMessage, b: LeasedMessage): number {
  return a.rank - b.rank || (a.position < b.position ? -1 : 1)
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
    rank: row['rank'] as number,
    createdAtMs: row['created_ms'] as number,
  }
}

function positionsOf(rows: readonly Record<string, unknown>[]): Set<bigint> {
  return new Set(rows.map((row) => row['position'] as bigint))
}

function textOrNone(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
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
