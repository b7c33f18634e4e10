/** Whether callers and readers written for the old contracts still work with the new ones. */
export type Severity = 'breaking' | 'safe'

/** One difference between two versions of the contracts. */
export interface Change {
  readonly severity: Severity
  /** `inventory.reserve input.lines[].count`: the module and what of it, then the place in a schema. */
  readonly place: string
  /** What is different: `required field added`. */
  readonly change: string
  /** Why it breaks callers, or why it does not. */
  readonly reason: string
}

/** What a difference does to the set of values that a schema accepts; `unclear` where that cannot be
 *  decided. */
export type Effect = 'narrowed' | 'widened' | 'unclear'

/** Which way values travel: to the operation, or back from it. */
export type Direction = 'input' | 'output'

/** A difference between two schemas, before it is judged. */
export interface Difference {
  readonly place: string
  readonly change: string
  readonly effect: Effect
  /** Where the general reason of its effect says too little, or where the effect alone misleads. */
  readonly verdict?: Partial<Readonly<Record<Direction, Verdict>>>
}

export interface Verdict {
  readonly severity: Severity
  readonly reason: string
}

/** A comparison under way, as the comparisons of single types see it. */
export interface Comparison {
  report(difference: Difference): void
  /** Compares what stands at one place; an absent schema accepts anything. */
  compare(before: unknown, after: unknown, place: string): void
}

const unclear: Verdict = {
  severity: 'breaking',
  reason: 'whether the old values still fit cannot be decided',
}

/** Inputs may grow and outputs may shrink: the old caller must still be accepted, and must still
 *  understand every answer. */
const verdicts: Readonly<Record<Direction, Readonly<Record<Effect, Verdict>>>> = {
  input: {
    narrowed: {
      severity: 'breaking',
      reason: 'callers that send what was accepted until now are refused',
    },
    widened: { severity: 'safe', reason: 'everything that was accepted still is' },
    unclear,
  },
  output: {
    narrowed: { severity: 'safe', reason: 'readers know everything that can still come' },
    widened: { severity: 'breaking', reason: 'readers meet values that they were not told of' },
    unclear,
  },
}

/** A difference as a change to those at the other end. */
export function judge(difference: Difference, direction: Direction): Change {
  const { place, change, effect, verdict } = difference
  const { severity, reason } = verdict?.[direction] ?? verdicts[direction][effect]
  return { severity, place, change, reason }
}

export function breaking(place: string, change: string, reason: string): Change {
  return { severity: 'breaking', place, change, reason }
}

export function safe(place: string, change: string, reason: string): Change {
  return { severity: 'safe', place, change, reason }
}
