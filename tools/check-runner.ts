import { runCommand } from './run-command.ts'

/** One static check: a command that exits with 0 when all is well and explains itself otherwise. */
export interface Check {
  readonly name: string
  /** What a reader learns when it passes. */
  readonly promise: string
  readonly command: string
  readonly args: readonly string[]
}

export interface CheckOutcome {
  readonly name: string
  readonly ok: boolean
  readonly durationMs: number
  /** Everything the command said; shown when it failed. */
  readonly output: string
}

export interface RunOptions {
  readonly root: string
  /** Checks that run at the same time, 1 or more. */
  readonly concurrency: number
  readonly onFinished?: (outcome: CheckOutcome) => void
}

const timeoutMs = 300_000

/** Runs the checks in list order, `concurrency` at a time. A check that cannot start or overruns its
 *  time has failed. @returns the outcomes in list order. */
export async function runChecks(
  checks: readonly Check[],
  options: RunOptions,
): Promise<CheckOutcome[]> {
  const outcomes = new Map<Check, CheckOutcome>()
  const waiting = [...checks]
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const outcome = await runCheck(check, options.root)
      outcomes.set(check, outcome)
      options.onFinished?.(outcome)
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, work))
  return checks.flatMap((check) => outcomes.get(check) ?? [])
}

async function runCheck(check: Check, root: string): Promise<CheckOutcome> {
  const result = await runCommand(check.command, check.args, { cwd: root, timeoutMs })
  const late = result.timedOut ? `\nkilled after ${timeoutMs} ms` : ''
  return {
    name: check.name,
    ok: result.code === 0,
    durationMs: Math.round(result.durationMs),
    output: result.output + late,
  }
}

/** The closing table: name, time, verdict. */
export function renderTable(outcomes: readonly CheckOutcome[], durationMs: number): string {
  const width = Math.max(...outcomes.map((outcome) => outcome.name.length), 5)
  const rows = outcomes.map(
    ({ name, durationMs: took, ok }) =>
      `  ${name.padEnd(width)}  ${`${(took / 1000).toFixed(1)} s`.padStart(7)}  ${ok ? 'ok' : 'FAILED'}`,
  )
  const failed = outcomes.filter((outcome) => !outcome.ok).length
  const verdict =
    failed === 0 ? `${outcomes.length} checks ok` : `${failed} of ${outcomes.length} checks failed`
  return [...rows, `${verdict} in ${(durationMs / 1000).toFixed(1)} s`].join('\n')
}
