/** The result of a bench: cells (one metric of one subject over the rounds), targets judged on them,
 *  and the facts without which the figures mean nothing. */
import type { Busyness, MachineFacts } from './machine.ts'
import { type Summary, summarize } from './statistics.ts'

export type Metric = {
  readonly name: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
}

export type Cell = Summary & {
  readonly subject: string
  readonly metric: string
  readonly samples: readonly number[]
}

/** What a bench promises of the subject under test. */
export type Target = {
  readonly name: string
  readonly wanted: number
  readonly comparison: 'at least' | 'at most'
}

export type Verdict = Target & {
  /** Absent when a subject that the target needs was not measured. */
  readonly seen?: number
  readonly outcome: 'met' | 'missed' | 'not measured'
}

export type Round = {
  readonly subject: string
  readonly round: number
  readonly before: Busyness
  /** Cores used by processes that are none of ours. */
  readonly foreignCores?: number
  readonly flagged: boolean
}

export type Absence = { readonly subject: string; readonly reason: string }

export type BenchResult = {
  readonly bench: string
  readonly measuredAt: string
  readonly command: string
  readonly rounds: number
  readonly seconds: number
  readonly machine: MachineFacts
  readonly pinned: boolean
  readonly versions: Readonly<Record<string, string>>
  readonly metrics: readonly Metric[]
  readonly cells: readonly Cell[]
  readonly verdicts: readonly Verdict[]
  /** Subjects that could not be measured here. */
  readonly missing: readonly Absence[]
  /** Subjects that were refused because they skip a duty: they make the bench fail. */
  readonly refused: readonly Absence[]
  readonly roundFacts: readonly Round[]
  readonly notes: readonly string[]
}

/** Above this many cores of foreign CPU a round is flagged, and dropped when a quieter one exists. */
export const foreignCoresMax = 0.3

type Sample = { readonly value: number; readonly flagged: boolean }

/** Collects samples over the rounds and turns them into cells. */
export class Samples {
  readonly #bySubject = new Map<string, Map<string, Sample[]>>()

  add(subject: string, metric: string, value: number | undefined, flagged = false): void {
    if (value === undefined || !Number.isFinite(value)) return
    const metrics = this.#bySubject.get(subject) ?? new Map<string, Sample[]>()
    this.#bySubject.set(subject, metrics)
    const samples = metrics.get(metric) ?? []
    metrics.set(metric, samples)
    // Six digits are more than any of the instruments has.
    samples.push({ value: Number(value.toPrecision(6)), flagged })
  }

  /** One cell per subject and metric, over its quiet rounds, or over all when none was quiet. */
  cells(): Cell[] {
    const cells: Cell[] = []
    for (const [subject, metrics] of this.#bySubject) {
      for (const [metric, all] of metrics) {
        const quiet = all.filter((sample) => !sample.flagged)
        const samples = (quiet.length > 0 ? quiet : all).map((sample) => sample.value)
        cells.push({ subject, metric, samples, ...summarize(samples) })
      }
    }
    return cells
  }
}

/** The median of a cell, when it was measured. */
export function medianOf(
  cells: readonly Cell[],
  subject: string,
  metric: string,
): number | undefined {
  return cells.find((cell) => cell.subject === subject && cell.metric === metric)?.median
}

/** How many times `above` is `below`; undefined when either was not measured. */
export function ratio(above: number | undefined, below: number | undefined): number | undefined {
  return above === undefined || below === undefined || below === 0 ? undefined : above / below
}

/** Judges one target by the value seen. */
export function judge(target: Target, seen: number | undefined): Verdict {
  if (seen === undefined) return { ...target, outcome: 'not measured' }
  const met = target.comparison === 'at least' ? seen >= target.wanted : seen <= target.wanted
  return { ...target, seen, outcome: met ? 'met' : 'missed' }
}

/** What the process should exit with: a refused subject always fails; a target that is not met (or
 *  not measured) fails only when `strict`. */
export function exitCodeOf(results: readonly BenchResult[], strict: boolean): 0 | 1 {
  const refused = results.some((result) => result.refused.length > 0)
  const unmet = results.some((result) => result.verdicts.some(({ outcome }) => outcome !== 'met'))
  return refused || (strict && unmet) ? 1 : 0
}
