import { topologyMessagesUnset } from '../errors.ts'
import type { CheckScope } from './check-scope.ts'

/** What carries messages has an address. */
export function checkMessages({ plan, problems, reachable }: CheckScope): void {
  const { messages } = plan
  if (messages === undefined || messages.engine === reachable) return
  const path = 'messages.engine'
  problems.addBetween(topologyMessagesUnset({ path, engine: messages.engine }), [path])
}
