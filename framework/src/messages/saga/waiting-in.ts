import type { StatementRunner } from '../../data/index.ts'
import type { Outcome, OutcomeWaiting } from '../leased-message.ts'
import { openWaitsText } from './saga-sql.ts'

/** Those outcomes that wait for events none of which has come. Their waits are held until the end of the
 *  transaction: an event that comes now finds their messages waiting. */
export async function waitingIn(
  runner: StatementRunner,
  outcomes: readonly Outcome[],
): Promise<ReadonlySet<Outcome>> {
  const waiting = outcomes.filter((outcome): outcome is OutcomeWaiting => {
    return outcome.kind === 'waiting' && outcome.waits.length > 0
  })
  if (waiting.length === 0) return new Set()
  const asked = waiting.flatMap(({ message, waits }) => waits.map((name) => [message.id, name]))
  const values = [asked.map(([id]) => id), asked.map(([, name]) => name)]
  const { rows } = await runner.run(openWaitsText, values)
  const open = new Set(rows.map((row) => `${String(row['message'])} ${String(row['name'])}`))
  return new Set(
    waiting.filter(({ message, waits }) =>
      waits.every((name) => open.has(`${message.id} ${name}`)),
    ),
  )
}
