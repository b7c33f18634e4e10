/** Prints a result for people: the table with ratios, the cells that the subject under test loses,
 *  and the verdict on each target. */
import type { BenchResult, Cell, Metric, Verdict } from './result.ts'

/** @param subject  the subject under test; ratios are relative to it when it was measured.
 *  @param references  subjects without the same duties: shown, never counted as a loss. */
export type ReportOptions = { readonly subject: string; readonly references: readonly string[] }

export function renderReport(result: BenchResult, options: ReportOptions): string {
  const parts = [
    `## ${result.bench}`,
    ...factLines(result),
    '',
    ...table(result, options.subject),
    '',
    ...lossLines(result, options),
    '',
    'targets:',
    ...result.verdicts.map(verdictLine),
  ]
  for (const { subject, reason } of result.refused) parts.push(`REFUSED  ${subject}: ${reason}`)
  for (const { subject, reason } of result.missing) parts.push(`SKIPPED  ${subject}: ${reason}`)
  for (const note of result.notes) parts.push(`note: ${note}`)
  return `${parts.join('\n')}\n`
}

function factLines(result: BenchResult): string[] {
  const { machine } = result
  const flagged = result.roundFacts.filter((round) => round.flagged).length
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}, kernel ` +
      `${machine.kernel}, Node ${machine.node}, ${result.pinned ? 'pinned' : 'NOT pinned to cores'}`,
    `${result.rounds} rounds of ${result.seconds} s, ${flagged} of ${result.roundFacts.length} ` +
      'flagged for foreign CPU; median [min..max]; × = relative to the subject under test',
  ]
}

function table(result: BenchResult, subject: string): string[] {
  const subjects = [...new Set(result.cells.map((cell) => cell.subject))]
  const rows = [['', ...result.metrics.map(({ name, unit }) => `${name} (${unit})`)]]
  for (const row of subjects) {
    rows.push([
      row,
      ...result.metrics.map((metric) => cellText(result.cells, row, metric, subject)),
    ])
  }
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows.map((row) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths?.[0] ?? 0) : text.padStart(widths?.[column] ?? 0),
      )
      .join('  '),
  )
}

function cellText(cells: readonly Cell[], row: string, metric: Metric, subject: string): string {
  const cell = findCell(cells, row, metric.name)
  if (cell === undefined) return '–'
  const base = findCell(cells, subject, metric.name)
  const times =
    base === undefined || base.median === 0 || row === subject
      ? ''
      : ` ×${(cell.median / base.median).toPrecision(2)}`
  return `${short(cell.median)} [${short(cell.min)}..${short(cell.max)}]${times}`
}

/** The cells in which another subject with the same duties does better than the one under test. */
export function losses(result: BenchResult, options: ReportOptions): string[] {
  const lost: string[] = []
  for (const metric of result.metrics) {
    const own = findCell(result.cells, options.subject, metric.name)
    if (own === undefined) continue
    for (const cell of result.cells) {
      if (cell.metric !== metric.name || options.references.includes(cell.subject)) continue
      const better =
        metric.better === 'higher' ? cell.median > own.median : cell.median < own.median
      if (better) {
        lost.push(
          `${metric.name}: ${cell.subject} ${short(cell.median)} ${metric.unit}, ` +
            `${options.subject} ${short(own.median)} ${metric.unit}`,
        )
      }
    }
  }
  return lost
}

function lossLines(result: BenchResult, options: ReportOptions): string[] {
  if (!result.cells.some((cell) => cell.subject === options.subject)) {
    return [`${options.subject} was not measured: nothing to compare.`]
  }
  const lost = losses(result, options)
  if (lost.length === 0) return [`${options.subject} loses no cell.`]
  return [`${options.subject} loses:`, ...lost.map((line) => `  ${line}`)]
}

function verdictLine(verdict: Verdict): string {
  const seen = verdict.seen === undefined ? '' : `, seen ${short(verdict.seen)}`
  const mark = { met: 'met   ', missed: 'MISSED', 'not measured': 'NOT MEASURED' }[verdict.outcome]
  return `  ${mark}  ${verdict.name}: ${verdict.comparison} ${verdict.wanted}${seen}`
}

function findCell(cells: readonly Cell[], subject: string, metric: string): Cell | undefined {
  return cells.find((cell) => cell.subject === subject && cell.metric === metric)
}

/** Three significant digits; thousands written out. */
function short(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}
