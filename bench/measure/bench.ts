/** What the runner knows of a bench. */
import type { ReportOptions } from './report.ts'
import type { BenchResult } from './result.ts'

export type RunOptions = {
  /** 1..100: how often each subject is measured, in turn with the others. */
  readonly rounds: number
  /** 1..60: how long one measurement of one subject lasts. */
  readonly seconds: number
  /** Only these subjects, when not empty. */
  readonly only: readonly string[]
  /** Says what is going on, on standard error. */
  readonly say: (line: string) => void
}

/** All of a result but the facts that the runner adds. */
export type Measured = Pick<
  BenchResult,
  'versions' | 'metrics' | 'cells' | 'verdicts' | 'missing' | 'refused' | 'roundFacts' | 'notes'
>

export type Bench = {
  readonly name: string
  readonly title: string
  readonly report: ReportOptions
  run(options: RunOptions): Promise<Measured>
}
