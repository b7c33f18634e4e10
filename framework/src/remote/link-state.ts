/** `idle`: nobody has asked for it yet. `waiting`: the link is gone and is opened again after a back-off.
 *  `leaving`: it left the directory, its calls under way may end. */
export const linkStates = [
  'idle',
  'connecting',
  'open',
  'draining',
  'waiting',
  'leaving',
  'closed',
] as const

export type LinkState = (typeof linkStates)[number]
