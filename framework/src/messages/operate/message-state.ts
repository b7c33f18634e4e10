/** Where a message stands; the index is the number in `banyan_message.state`.
 *  ready: may be leased · waiting: for its time (a delay, a pause before the next attempt, a sleep) ·
 *  leased: a worker has it · blocked: an earlier one with its key is not done · listening: a saga waits
 *  for an event · parked: it failed for good, an operator decides · done: kept for its history ·
 *  cancelled: an operator's word. */
export const messageStates = [
  'ready',
  'waiting',
  'leased',
  'blocked',
  'listening',
  'parked',
  'done',
  'cancelled',
] as const

/** The name of a state. */
export type MessageState = (typeof messageStates)[number]

/** States in which something is still to be done, by the system or by an operator. */
export const openStates: readonly MessageState[] = messageStates.slice(0, 6)

export function numberOfState(state: MessageState): number {
  return messageStates.indexOf(state)
}

/** @param value  a number of the column; anything else is a bug of whoever wrote it */
export function stateOf(value: unknown): MessageState {
  const state = messageStates[Number(value)]
  if (state === undefined) throw new Error(`no state ${String(value)}`)
  return state
}
