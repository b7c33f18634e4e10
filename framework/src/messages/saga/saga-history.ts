import type { StatementRunner } from '../../data/index.ts'
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

const doneState = 6

/** Reads the history of the message `id`; undefined where it is not kept. Cost: a scan of the messages. */
export async function readHistory(
  runner: StatementRunner,
  place: { readonly module: string; readonly id: string },
): Promise<SagaHistory | undefined> {
  const { module, id } = place
  const [message, records] = await Promise.all([
    runner.run(messageText, [id]),
    runner.run(historyText, [id]),
  ])
  const [row] = message.rows
  if (row === undefined) return undefined
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
