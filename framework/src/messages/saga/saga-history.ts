import type { ModuleDatabase } from '../../data/index.ts'
import { Deadlines, type World } from '../../kernel/index.ts'
import { PlatformContexts } from '../platform-context.ts'
import { messagesHistoryUnknown } from './errors.ts'
import { historyText, messageText } from './saga-sql.ts'

/** What one saga has asked for and how it was answered: plain JSON, to be kept beside the tests of its code. */
export interface SagaHistory {
  /** `orders.jobs.fulfil` */
  readonly queue: string
  readonly version: number
  readonly id: string
  /** The input, in the wire form of its schema. */
  readonly input: unknown
  /** Its code has run to its end. */
  readonly isDone: boolean
  /** In the order in which its code asked. */
  readonly asked: readonly AskedBefore[]
}

/** One thing that a saga has asked for. */
export interface AskedBefore {
  readonly name: string
  readonly kind: 'step' | 'sleep' | 'wait'
  /** A sleep that lasts, or a wait that nothing has ended, is not. */
  readonly isOver: boolean
  /** Of a step: its result as it is recorded. Of a wait: the payload as it was heard, null when its time had
   *  passed. Of a sleep: null. */
  readonly answer: string | null
}

const timeoutMs = 30_000
const doneState = 6

/** Reads the history of a saga, under way or ended; what ended is kept for 7 days.
 *  @param options.module  whose job it is
 *  @param id  of its message
 *  @throws MESSAGES_HISTORY_UNKNOWN · DATA_… Cost: a scan of the module's messages. */
export async function historyOf(
  id: string,
  options: { readonly module: string; readonly database: ModuleDatabase; readonly world: World },
): Promise<SagaHistory> {
  const { module, database, world } = options
  const context = new PlatformContexts(world, new Deadlines(world.clock)).create(timeoutMs)
  const [message, records] = await database.withRunner(context, (runner) =>
    Promise.all([runner.run(messageText, [id]), runner.run(historyText, [id])]),
  )
  const [row] = message.rows
  if (row === undefined) throw messagesHistoryUnknown({ id })
  return {
    ...{ queue: `${module}.${String(row['queue'])}`, version: Number(row['version']), id },
    input: JSON.parse(String(row['payload'])),
    isDone: row['state'] === doneState,
    asked: records.rows.filter(({ kind }) => kind !== 2).map(askedOf),
  }
}

function askedOf(row: Readonly<Record<string, unknown>>): AskedBefore {
  const { source, kind: number, result, due_in_ms: dueInMs } = row
  const kind = source === 'wait' ? 'wait' : number === 1 ? 'sleep' : 'step'
  return {
    ...{ name: String(row['name']), kind },
    isOver: kind === 'sleep' ? Number(dueInMs) <= 0 : typeof dueInMs !== 'number',
    answer: typeof result === 'string' ? result : null,
  }
}
