import { MessageOperator, type SagaHistory } from '../messages/index.ts'
import type { Module } from '../module/index.ts'
import type { TestApplication } from './test-application.ts'

/** Reads the history of a saga of a test, under way or ended.
 *  @param module  whose job it is
 *  @param id  what `ctx.enqueue` gave
 *  @throws MESSAGES_MESSAGE_UNKNOWN */
export async function historyOf(
  { instance, world }: TestApplication,
  module: Module,
  id: string,
): Promise<SagaHistory> {
  const { database } = instance
  if (database === undefined) throw new Error('the application has no tables')
  return new MessageOperator({ modules: [module], database, world }).history(id)
}
