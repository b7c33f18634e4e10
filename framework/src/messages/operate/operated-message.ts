import type { MessageProblem } from '../leased-message.ts'
import { type MessageState, stateOf } from './message-state.ts'

/** A message as an operator sees it in a list. */
export interface ListedMessage {
  readonly module: string
  /** `notifications.on.orders.paid` */
  readonly queue: string
  /** Where it stands in its module: by it lists are paged, and messages with one key ordered. */
  readonly position: bigint
  readonly id: string
  readonly version: number
  readonly key: string | undefined
  readonly state: MessageState
  /** Runs that ended in an error. */
  readonly attempts: number
  /** Runs whose process ended without a word. */
  readonly deaths: number
  /** Since it was published or enqueued, by the database's clock. */
  readonly ageMs: number
  readonly createdAt: Date
  /** When it may run, of one that waits. */
  readonly dueAt: Date | undefined
  readonly leasedUntil: Date | undefined
  /** The worker that has it. */
  readonly leasedBy: string | undefined
  /** 0 to 1, as its run said last. */
  readonly progress: number | undefined
  readonly note: string | undefined
  /** It was cancelled while it ran; its worker has been told, or will be. */
  readonly isCancelling: boolean
  /** The last error. */
  readonly problem: MessageProblem | undefined
  /** When it was parked, done or cancelled. */
  readonly endedAt: Date | undefined
}

/** What a saga has done, or waits for. */
export interface SagaRecord {
  readonly number: number
  /** Empty for a failure. */
  readonly name: string
  readonly kind: 'step' | 'sleep' | 'failure' | 'wait'
  readonly isUndone: boolean
  /** Undefined of what is still waited for. */
  readonly endedAt: Date | undefined
  /** When a sleep or a wait is over. */
  readonly dueAt: Date | undefined
}

/** A message with everything that is known of it. */
export interface ShownMessage extends ListedMessage {
  /** JSON in the wire form of its schema. */
  readonly payload: string
  /** What travelled along, as JSON. */
  readonly headers: string
  readonly priority: number
  readonly epoch: number
  readonly unique: string | undefined
  /** Of a saga, in order. */
  readonly records: readonly SagaRecord[]
}

type Row = Readonly<Record<string, unknown>>

export function listedOf(module: string, row: Row): ListedMessage {
  return {
    module,
    queue: `${module}.${String(row['queue'])}`,
    position: row['position'] as bigint,
    id: String(row['id']),
    version: Number(row['version']),
    key: textOf(row['key']),
    state: stateOf(row['state']),
    attempts: Number(row['attempts']),
    deaths: Number(row['deaths']),
    ageMs: Math.max(0, Math.round(Number(row['age_ms']))),
    createdAt: row['created_at'] as Date,
    dueAt: dateOf(row['due_at']),
    leasedUntil: dateOf(row['leased_until']),
    leasedBy: textOf(row['leased_by']),
    progress: typeof row['progress'] === 'number' ? row['progress'] : undefined,
    note: textOf(row['note']),
    isCancelling: row['is_cancelling'] === true,
    problem: problemOf(row['problem']),
    endedAt: dateOf(row['ended_at']),
  }
}

export function shownOf(module: string, row: Row, records: readonly Row[]): ShownMessage {
  return {
    ...listedOf(module, row),
    payload: String(row['payload']),
    headers: String(row['headers']),
    priority: 0 - Number(row['rank']),
    epoch: Number(row['epoch']),
    unique: textOf(row['unique_text']),
    records: records.map(recordOf),
  }
}

/** By the number of `banyan_step.kind`; waits have a table of their own. */
const recordKinds = ['step', 'sleep', 'failure', 'wait'] as const

function recordOf(row: Row): SagaRecord {
  return {
    number: Number(row['number']),
    name: String(row['name']),
    kind: recordKinds[Number(row['kind'])] ?? 'step',
    isUndone: row['is_undone'] === true,
    endedAt: dateOf(row['ended_at']),
    dueAt: dateOf(row['due_at']),
  }
}

/** What is not written as a problem is shown as its message. */
function problemOf(value: unknown): MessageProblem | undefined {
  if (typeof value !== 'string') return undefined
  let found: Partial<MessageProblem> | null = null
  try {
    found = JSON.parse(value) as Partial<MessageProblem> | null
  } catch {}
  if (typeof found?.code !== 'string') {
    return { code: 'UNKNOWN', message: value, stack: undefined, cause: undefined }
  }
  const { code, message = '', stack, cause, ...saga } = found
  return { code, message, stack, cause, ...saga }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function dateOf(value: unknown): Date | undefined {
  return value instanceof Date ? value : undefined
}
