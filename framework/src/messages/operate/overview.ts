import type { StatementRunner } from '../../data/index.ts'
import { type Depth, type ModuleDepth, readDepth } from './depth.ts'
import type { MessageState } from './message-state.ts'
import { settingsText } from './operate-sql.ts'
import type { QueueNames } from './queue-names.ts'
import { type QueueSettings, settingsOf } from './queue-settings.ts'

/** What lies in one queue, and how it is worked on. */
export interface QueueOverview extends QueueSettings {
  readonly module: string
  /** False for one that an earlier version left: nothing works on it. */
  readonly isDeclared: boolean
  readonly counts: Readonly<Partial<Record<MessageState, number>>>
  /** Lateness of the oldest that could run: ready, leased, blocked, or waiting past its time. Undefined
   *  when there is none. */
  readonly oldestMs: number | undefined
  /** States whose counts are lower bounds. */
  readonly partial: readonly MessageState[]
}

/** What a module has published and nobody has carried away yet. */
export interface OutboxOverview {
  readonly module: string
  readonly count: number
  readonly oldestMs: number | undefined
  /** Whether the count is a lower bound. */
  readonly isPartial: boolean
}

/** All that lies in an application's tables of messages. */
export interface MessagesOverview {
  /** Every declared queue, and others that still hold messages or settings. */
  readonly queues: readonly QueueOverview[]
  /** One of each module that has messages. */
  readonly outboxes: readonly OutboxOverview[]
}

/** States whose age says that work is behind. */
const lateStates: readonly MessageState[] = ['ready', 'waiting', 'leased', 'blocked']

interface Request {
  readonly module: string
  readonly names: QueueNames
  readonly countMax: number
}

/** What lies in the tables of one module. */
export async function readOverview(
  runner: StatementRunner,
  request: Request,
): Promise<MessagesOverview> {
  const [depth, settings] = await Promise.all([
    readDepth(runner, request.countMax),
    runner.run(settingsText, []),
  ])
  const { count, oldestMs } = depth.outbox
  const outbox = {
    module: request.module,
    count,
    oldestMs: count === 0 ? undefined : oldestMs,
    isPartial: depth.partial.has('outbox'),
  }
  return { queues: queuesOf(request, depth, settings.rows), outboxes: [outbox] }
}

function queuesOf(
  { module, names }: Request,
  depth: ModuleDepth,
  settings: readonly Readonly<Record<string, unknown>>[],
): readonly QueueOverview[] {
  const rows = new Map(settings.map((row) => [String(row['queue']), row]))
  const declared = [...names.declared.values()].filter((queue) => queue.module === module)
  const all = new Set([
    ...declared.map(({ name }) => name),
    ...depth.depths.map(({ queue }) => queue),
    ...rows.keys(),
  ])
  const partial = [...depth.partial].filter((state) => state !== 'outbox')
  return [...all].map((name) => {
    const queue = names.parse(`${module}.${name}`)
    const own = depth.depths.filter((one) => one.queue === name)
    return {
      ...settingsOf(queue, rows.get(name)),
      module,
      isDeclared: queue.declared !== undefined,
      counts: Object.fromEntries(own.map(({ state, count }) => [state, count])),
      oldestMs: oldestOf(own),
      partial,
    }
  })
}

/** The lateness of the oldest that could run, or undefined. */
export function oldestOf(depths: readonly Depth[]): number | undefined {
  const late = depths.filter(({ state }) => lateStates.includes(state))
  const ages = late.map(({ oldestMs }) => oldestMs).filter((ageMs) => ageMs >= 0)
  return ages.length === 0 ? undefined : Math.max(...ages)
}
