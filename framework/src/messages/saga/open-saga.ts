import type { HandlerContext } from '../../call/index.ts'
import type { CompiledSchema } from '../../schema/index.ts'
import { messagesCancelled } from '../errors.ts'
import type { LeasedMessage } from '../leased-message.ts'
import { problemOf } from '../problem-of.ts'
import type { Queue } from '../queue.ts'
import { messagesStepInvalid } from './errors.ts'
import { canBeUndone, type SagaFailure, type SagaRecord, type SagaRecords } from './saga-records.ts'
import { SagaRun, type SagaRunOptions } from './saga-run.ts'

/** Where the saga of a message is recorded, and what it may wait for. */
export interface SagaPlace {
  readonly records: SagaRecords
  readonly awaited: ReadonlyMap<string, CompiledSchema>
}

/** Opens the saga of one run of a message; nothing is read before its code asks for something.
 *  @throws MESSAGES_STEP_INVALID for a batch */
export function openSaga(
  context: HandlerContext,
  place: {
    readonly queue: Queue
    readonly leased: LeasedMessage
    readonly saga: SagaPlace | undefined
  },
  calls: Pick<SagaRunOptions, 'misplaced' | 'paused'>,
): SagaRun {
  const { queue, leased, saga } = place
  if (saga === undefined) {
    const reason = 'what performAll does has no steps'
    throw messagesStepInvalid({ saga: queue.id, name: '', reason })
  }
  return new SagaRun({
    ...{ saga: queue.id, key: context.idempotencyKey, context },
    ...saga,
    ...calls,
    cancelled: (records) => cancelledBy(queue, leased, records),
  })
}

/** @throws MESSAGES_CANCELLED where nothing is to be undone */
function cancelledBy(
  queue: Queue,
  { id, attempts }: LeasedMessage,
  records: readonly SagaRecord[],
): SagaFailure {
  const error = messagesCancelled({ queue: queue.id, id })
  if (!records.some(canBeUndone)) throw error
  return { problem: problemOf(error), ends: 'cancelled', attempts }
}
