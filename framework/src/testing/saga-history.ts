import { historyOf as readHistory, type SagaHistory } from '../messages/index.ts'
import type { TestApplication } from './test-application.ts'

/** Reads the history of a saga of a test, under way or ended.
 *  @param module  whose job it is
 *  @param id  what `ctx.enqueue` gave
 *  @throws MESSAGES_HISTORY_UNKNOWN */
export function historyOf(
  { instance, world }: TestApplication,
  module: string,
  id: string,
): Promise<SagaHistory> {
  if (instance.database === undefined) throw new Error('the instance has no tables')
  return readHistory(id, { module, database: instance.database.of(module), world })
}
