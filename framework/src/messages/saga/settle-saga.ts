import type { LeasedMessage, Outcome, OutcomeEnded } from '../leased-message.ts'
import { canBeUndone, type SagaFailure, type SagaRecords } from './saga-records.ts'

/** How a message ends whose saga is undone. */
export function endingOf(message: LeasedMessage, { ends, problem }: SagaFailure): OutcomeEnded {
  return { kind: ends, message, problem: { ...problem, compensation: 'complete' } }
}

/** Attempts that a message has used for what it does now: before its saga failed, or to undo it since. */
export function attemptsOf({ attempts }: LeasedMessage, failure: SagaFailure | undefined): number {
  if (failure === undefined || attempts < failure.attempts) return attempts
  return attempts - failure.attempts
}

/** What becomes of a message whose saga could not be undone in this run: `outcome` tells it as if it were
 *  the failure of a message. Why the saga failed stays, with why it could not be undone. */
export function undoingOf(outcome: Outcome, { problem }: SagaFailure): Outcome {
  const { message } = outcome
  switch (outcome.kind) {
    case 'retry':
      return {
        ...outcome,
        problem: { ...problem, compensation: 'under way', undo: outcome.problem },
      }
    case 'parked':
      return {
        ...outcome,
        problem: { ...problem, compensation: 'incomplete', undo: outcome.problem },
      }
    case 'cancelled':
      // the operator's word came while it was being undone: it goes on with that
      return { kind: 'waiting', message, delayMs: 0, waits: [] }
    default:
      return outcome
  }
}

/** Records that a saga has failed for good, where it has something to undo.
 *  @returns whether it is to be undone now
 *  @throws MESSAGES_LEASE_LOST · DATA_… */
export async function failSaga(records: SagaRecords, outcome: OutcomeEnded): Promise<boolean> {
  const { records: known, failure } = await records.load()
  if (failure !== undefined || !known.some(canBeUndone)) return false
  const { message, problem, kind: ends } = outcome
  await records.fail({ problem, ends, attempts: message.attempts })
  return true
}
