/** The states of a checkout, in the order of a sale that succeeds. Each names what is known to have
 *  happened; the step that leaves it is in `steps.ts`. */
export const salesStates = [
  'priced',
  'reserved',
  'authorised',
  'confirmed',
  'placed',
  'captured',
  'paid',
  'posted',
] as const

/** The states of a sale that is undone, in order. A step that fails enters where there is something
 *  to undo. */
export const undoStates = ['abandoning', 'voiding', 'releasing'] as const

export const finalStates = ['completed', 'refused'] as const

export type OngoingState = (typeof salesStates)[number] | (typeof undoStates)[number]
export type CheckoutState = OngoingState | (typeof finalStates)[number]

export function isOngoing(state: CheckoutState): state is OngoingState {
  return state !== 'completed' && state !== 'refused'
}
