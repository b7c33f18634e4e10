import type { Database, StatementRunner } from '../../data/index.ts'
import { Deadlines, type World } from '../../kernel/index.ts'
import type { Module } from '../../module/index.ts'
import { channel } from '../announcer.ts'
import { PlatformContexts } from '../platform-context.ts'
import { readHistory, type SagaHistory } from '../saga/saga-history.ts'
import { unblockText } from '../store-sql.ts'
import {
  messagesMessageAmbiguous,
  messagesMessageDuplicate,
  messagesMessageUnknown,
  messagesStateWrong,
} from './errors.ts'
import { type MessageState, numberOfState, openStates, stateOf } from './message-state.ts'
import * as sql from './operate-sql.ts'
import { type ListedMessage, listedOf, type ShownMessage, shownOf } from './operated-message.ts'
import { type MessagesOverview, readOverview } from './overview.ts'
import { type QueueName, QueueNames } from './queue-names.ts'
import { assertLimit, type LimitChange, type QueueSettings, settingsOf } from './queue-settings.ts'
import { redriveAll, type RedriveProgress, type RedriveResult } from './redrive.ts'

export interface MessageOperatorOptions {
  /** The modules of the application; those without tables have no messages. */
  readonly modules: readonly Module[]
  readonly database: Database
  readonly world: World
}

/** Which messages a page holds. */
export interface MessageFilter {
  readonly state?: MessageState
  /** The position that the page before ended at. */
  readonly after?: bigint
  /** 1 to 500; 50 unless given. */
  readonly countMax?: number
}

/** A page of messages. */
export interface MessagePage {
  readonly messages: readonly ListedMessage[]
  /** Where the next page begins; undefined when this one is the last. */
  readonly next: bigint | undefined
}

/** What became of one message. */
export interface MessageChange {
  readonly module: string
  readonly queue: string
  readonly id: string
  readonly before: MessageState
  readonly after: MessageState
  /** It is told to stop, or its steps will be undone: a worker ends it. */
  readonly isCancelling: boolean
}

const timeoutMs = 30_000
const pageMax = 500
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Looks at messages and decides about them, for people: what waits, what failed and why; parks, redrives,
 *  cancels; pauses queues and sets their limits. Every change looks at the state of the message under a
 *  lock, so that workers and other operators may act at the same time; what came too late changes
 *  nothing and is refused.
 *  @throws MESSAGES_MESSAGE_UNKNOWN · MESSAGES_MESSAGE_AMBIGUOUS · MESSAGES_QUEUE_UNKNOWN (with the nearest
 *    name) · MESSAGES_STATE_WRONG · DATA_UNAVAILABLE and what else the database says
 *  Cost: 1 transaction per call and module; messages are found by id with a scan of the table.
 *  Limits: 500 messages per page; statements end after 30 s. */
export class MessageOperator {
  readonly #names: QueueNames
  readonly #database: Database
  readonly #contexts: PlatformContexts

  constructor({ modules, database, world }: MessageOperatorOptions) {
    this.#names = new QueueNames(modules)
    this.#database = database
    this.#contexts = new PlatformContexts(world, new Deadlines(world.clock))
  }

  /** Modules that have messages, in the order of the application. */
  get modules(): readonly string[] {
    return this.#names.modules
  }

  /** What waits where, and for how long.
   *  @param countMax  messages counted per module and state; counts are lower bounds beyond it */
  async overview(countMax: number = 100_000): Promise<MessagesOverview> {
    const found: MessagesOverview[] = []
    for (const module of this.modules) {
      const request = { module, names: this.#names, countMax }
      found.push(await this.#run(module, (runner) => readOverview(runner, request)))
    }
    return {
      queues: found.flatMap(({ queues }) => queues),
      outboxes: found.flatMap(({ outboxes }) => outboxes),
    }
  }

  /** One page of messages, lowest position first.
   *  @param place  a module, or a queue: `notifications.jobs.sendConfirmation` */
  async list(place: string, filter: MessageFilter = {}): Promise<MessagePage> {
    const { state, after = 0n, countMax = 50 } = filter
    const { module, name } = this.modules.includes(place)
      ? { module: place, name: null }
      : await this.#known(place)
    const count = Math.max(1, Math.min(pageMax, countMax))
    const text = sql.listText(state === undefined ? undefined : numberOfState(state))
    const { rows } = await this.#run(module, (runner) => runner.run(text, [after, name, count + 1]))
    const messages = rows.slice(0, count).map((row) => listedOf(module, row))
    return { messages, next: rows.length > count ? messages.at(-1)?.position : undefined }
  }

  /** Everything about one message.
   *  @param module  where to look; everywhere unless given */
  async show(id: string, module?: string): Promise<ShownMessage> {
    const place = await this.#find(id, module)
    return this.#run(place.module, async (runner) => {
      const [message, records] = await Promise.all([
        runner.run(sql.showText, [id]),
        runner.run(sql.recordsText, [id]),
      ])
      const [row] = message.rows
      if (row === undefined) throw messagesMessageUnknown({ id, places: place.module })
      return shownOf(place.module, row, records.rows)
    })
  }

  /** What a saga has asked for and how it was answered, under way or ended: to be kept as JSON, and
   *  replayed by `replayHistory` (room testing). What ended is kept for 7 days.
   *  @param module  where to look; everywhere unless given */
  async history(id: string, module?: string): Promise<SagaHistory> {
    const place = await this.#find(id, module)
    const found = await this.#run(place.module, (runner) => {
      return readHistory(runner, { module: place.module, id })
    })
    if (found === undefined) throw messagesMessageUnknown({ id, places: place.module })
    return found
  }

  /** Puts a message aside until it is redriven or cancelled; later ones with its key go on. One that is
   *  leased is taken from its worker, which cannot commit any more. */
  park(id: string, module?: string): Promise<MessageChange> {
    const problem = { code: 'PARKED', message: 'parked by an operator' }
    return this.#changeOne(id, module, {
      action: 'parked',
      allowed: openStates.slice(0, 5),
      text: sql.parkText,
      values: [JSON.stringify(problem)],
    })
  }

  /** Ends a message for good. One that is leased is told so: its signal fires, and it ends when its run
   *  does. A saga that has done steps is undone first. In both cases a worker ends it, and the answer
   *  says `isCancelling`. */
  cancel(id: string, module?: string): Promise<MessageChange> {
    return this.#changeOne(id, module, {
      action: 'cancelled',
      allowed: openStates,
      text: sql.cancelText,
      values: [],
    })
  }

  /** Lets a parked message run again, with all its attempts; earlier ones with its key go first.
   *  @throws MESSAGES_MESSAGE_DUPLICATE */
  async redrive(id: string, module?: string): Promise<MessageChange> {
    const place = await this.#find(id, module)
    const { rows } = await this.#change(place.module, async (runner) => {
      await runner.run(sql.lockText, [place.position])
      return runner.run(sql.redriveText, [[place.position]])
    })
    const [row] = rows
    if (row === undefined) throw await this.#refusedRedrive(id, place.module)
    const { module: found, queue } = place
    const after = stateOf(row['state'])
    return { module: found, queue, id, before: 'parked', after, isCancelling: false }
  }

  /** Lets everything run again that is parked in a queue now, 500 at a time, in order; what is parked
   *  again meanwhile is left.
   *  @param options.progress  called after each batch
   *  @param options.signal  ends it after the batch under way */
  async redriveQueue(
    queue: string,
    options: {
      readonly progress?: (progress: RedriveProgress) => void
      readonly signal?: AbortSignal
    } = {},
  ): Promise<RedriveResult> {
    const { module, name } = await this.#known(queue)
    return redriveAll((work) => this.#change(module, work), name, options)
  }

  /** How many messages are parked in a queue. */
  async countParked(queue: string): Promise<number> {
    const { module, name } = await this.#known(queue)
    const { rows } = await this.#run(module, (runner) => runner.run(sql.parkedCountText, [name]))
    return Number(rows[0]?.['count'])
  }

  /** No message of the queue begins any more; what runs goes on. In effect when workers look next, within
   *  seconds. Idempotent. */
  pause(queue: string): Promise<QueueSettings> {
    return this.#set(queue, sql.pauseText, [true])
  }

  /** Undoes `pause`. Idempotent. */
  resume(queue: string): Promise<QueueSettings> {
    return this.#set(queue, sql.pauseText, [false])
  }

  /** Sets how fast a queue is worked on, in the whole fleet, while it is.
   *  @throws MESSAGES_LIMIT_INVALID */
  async limit(queue: string, change: LimitChange): Promise<QueueSettings> {
    assertLimit(queue, change)
    const { concurrencyMax, rate } = change
    return this.#set(queue, sql.limitText, [
      concurrencyMax ?? null,
      concurrencyMax !== undefined,
      rate?.count ?? null,
      rate?.perMs ?? null,
      rate !== undefined,
    ])
  }

  async #set(id: string, text: string, values: readonly unknown[]): Promise<QueueSettings> {
    const queue = await this.#known(id)
    const { rows } = await this.#change(queue.module, (runner) =>
      runner.run(text, [queue.name, ...values]),
    )
    return settingsOf(queue, rows[0])
  }

  async #changeOne(
    id: string,
    module: string | undefined,
    { action, allowed, text, values }: Change,
  ): Promise<MessageChange> {
    const place = await this.#find(id, module)
    const row = await this.#change(place.module, async (runner) => {
      const { rows } = await runner.run(text, [id, ...values])
      return rows[0]
    })
    if (row === undefined) throw await this.#refused(id, place.module, { action, allowed })
    if (row['key'] !== null) await this.#unblock(place.module, row)
    const [before, after] = [stateOf(row['before']), stateOf(row['after'])]
    const isCancelling = row['is_cancelling'] === true
    return { module: place.module, queue: place.queue, id, before, after, isCancelling }
  }

  /** In a transaction after the change, so that of two that end neighbours at once the later one sees
   *  both. If this process dies in between, a worker's housekeeping does it. */
  async #unblock(module: string, row: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#change(module, (runner) => {
      return runner.run(unblockText, [[row['queue']], [row['key']]])
    })
  }

  /** One transaction; workers hear of it when it commits. */
  #change<Result>(
    module: string,
    work: (runner: StatementRunner) => Promise<Result>,
  ): Promise<Result> {
    return this.#run(module, async (runner) => {
      const result = await work(runner)
      await runner.run(sql.announceText, [channel, `operator ${module}`])
      return result
    })
  }

  async #refused(
    id: string,
    module: string,
    { action, allowed }: Pick<Change, 'action' | 'allowed'>,
  ): Promise<Error> {
    const { state } = await this.#find(id, module)
    return messagesStateWrong({ id, state, action, allowed: allowed.join(', ') })
  }

  async #refusedRedrive(id: string, module: string): Promise<Error> {
    const { state, unique } = await this.#find(id, module)
    if (state === 'parked' && unique !== undefined) return messagesMessageDuplicate({ id, unique })
    return messagesStateWrong({ id, state, action: 'redriven', allowed: 'parked' })
  }

  async #known(id: string): Promise<QueueName> {
    const queue = this.#names.parse(id)
    if (queue.declared !== undefined) return queue
    const { rows } = await this.#run(queue.module, (runner) =>
      runner.run(sql.queueUsedText, [queue.name]),
    )
    if (rows[0]?.['used'] !== true) throw this.#names.unknown(id)
    return queue
  }

  async #find(id: string, module: string | undefined): Promise<Place> {
    if (module !== undefined) this.#names.assertModule(module)
    const modules = module === undefined ? this.modules : [module]
    const places: Place[] = []
    for (const one of uuidPattern.test(id) ? modules : []) {
      const { rows } = await this.#run(one, (runner) => runner.run(sql.findText, [id]))
      places.push(...rows.map((row) => placeOf(one, row)))
    }
    const [first, ...others] = places
    if (first === undefined) throw messagesMessageUnknown({ id, places: modules.join(', ') })
    if (others.length === 0) return first
    throw messagesMessageAmbiguous({ id, places: places.map(({ queue }) => queue).join(', ') })
  }

  #run<Result>(
    module: string,
    work: (runner: StatementRunner) => Promise<Result>,
  ): Promise<Result> {
    return this.#database.of(module).withRunner(this.#contexts.create(timeoutMs), work)
  }
}

interface Change {
  readonly action: string
  readonly allowed: readonly MessageState[]
  /** $1 is the message's id. */
  readonly text: string
  readonly values: readonly unknown[]
}

/** Where a message is. */
interface Place {
  readonly module: string
  readonly queue: string
  readonly position: bigint
  readonly state: MessageState
  readonly unique: string | undefined
}

function placeOf(module: string, row: Readonly<Record<string, unknown>>): Place {
  const unique = row['unique_text']
  return {
    module,
    queue: `${module}.${String(row['queue'])}`,
    position: row['position'] as bigint,
    state: stateOf(row['state']),
    unique: typeof unique === 'string' ? unique : undefined,
  }
}
