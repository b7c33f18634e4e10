import type { StatementRunner } from '../../data/index.ts'
import type { CarriedMessage } from '../message.ts'
import { answerText, hearText, lockKeysText, wakeText } from './saga-sql.ts'

/** Keeps events that sagas of the module may wait for, and answers those that do, as part of the transaction
 *  that takes them. Each event once, however often it comes. Cost: nothing for none, else 2 round trips. */
export async function hear(
  runner: StatementRunner,
  batch: readonly CarriedMessage[],
): Promise<void> {
  const events = batch.flatMap((event) =>
    event.key === undefined ? [] : { ...event, key: event.key },
  )
  if (events.length === 0) return
  const ids = events.map(({ id }) => id)
  const names = events.map(({ name }) => name)
  const keys = events.map(({ key }) => key)
  const payloads = events.map(({ payload }) => payload)
  const [, , answered] = await Promise.all([
    runner.run(lockKeysText, [names, keys]),
    runner.run(hearText, [ids, names, keys, payloads]),
    runner.run(answerText, [names, keys]),
  ])
  if (answered.rows.length === 0) return
  await runner.run(wakeText, [answered.rows.map((row) => row['position'])])
}
