import type { FileOutcome } from './test-file.ts'

/** The result of a whole run. */
export interface Verdict {
  readonly ok: boolean
  readonly text: string
}

const slowMs = 5_000

/** The end of `npm test`: failures in full, slow files, skipped tests with their reasons, one closing line.
 *  @param skipsFail  a skipped test fails the run (continuous integration installs every engine).
 */
export function summarise(files: readonly FileOutcome[], skipsFail: boolean): Verdict {
  const count = (outcome: string): number =>
    files.reduce((sum, file) => sum + file.tests.filter((t) => t.outcome === outcome).length, 0)
  const broken = files.filter((file) => file.problem !== '').length
  const failed = count('failed') + broken
  const skipped = count('skipped')
  const ok = failed === 0 && (skipped === 0 || !skipsFail) && files.length > 0
  const parts = [failures(files), slowFiles(files), skips(files, skipsFail), notRun(files)]
  parts.push(`${count('passed')} passed, ${failed} failed, ${skipped} skipped`)
  return { ok, text: parts.filter((part) => part !== '').join('\n\n') }
}

/** One line per finished file, printed while the run goes on. */
export function fileLine(outcome: FileOutcome): string {
  const failed = outcome.problem !== '' || outcome.tests.some((t) => t.outcome === 'failed')
  const took = `${(outcome.durationMs / 1000).toFixed(1)} s`.padStart(7)
  return `${failed ? 'FAILED' : 'ok    '} ${took}  ${String(outcome.tests.length).padStart(3)} tests  ${outcome.file}`
}

function failures(files: readonly FileOutcome[]): string {
  const blocks: string[] = []
  for (const { file, tests, problem, output } of files) {
    if (problem !== '') blocks.push(`✗ ${file} ${problem}`)
    const failed = tests.filter((test) => test.outcome === 'failed')
    for (const { name, line, reason } of failed) {
      blocks.push(`✗ ${file}:${line} ${name}\n${indent(reason)}`)
    }
    if (failed.length > 0 && output.trim() !== '') {
      blocks.push(`  output of ${file}:\n${indent(output.trimEnd().slice(-4_000))}`)
    }
  }
  return blocks.length === 0 ? '' : ['── failures', ...blocks].join('\n')
}

function slowFiles(files: readonly FileOutcome[]): string {
  const slow = files
    .filter((file) => file.durationMs > slowMs)
    .sort((a, b) => b.durationMs - a.durationMs)
    .slice(0, 10)
  const lines = slow.map((f) => `  ${(f.durationMs / 1000).toFixed(1).padStart(6)} s  ${f.file}`)
  return lines.length === 0 ? '' : [`── slower than ${slowMs / 1000} s`, ...lines].join('\n')
}

function skips(files: readonly FileOutcome[], skipsFail: boolean): string {
  const lines = files.flatMap(({ file, tests }) =>
    tests
      .filter((test) => test.outcome === 'skipped')
      .map(
        (test) => `  SKIPPED ${file}:${test.line} ${test.name}\n          because: ${test.reason}`,
      ),
  )
  if (lines.length === 0) return ''
  const verdict = skipsFail ? ' (BANYAN_REQUIRE_ENGINES=1: each one fails this run)' : ''
  return [`── ${lines.length} tests were NOT run${verdict}`, ...lines].join('\n')
}

/** Passed tests that say, by a title that begins so, what was not tried for want of something that only
 *  the user can give: no skips, for nothing is missing from the machine. */
function notRun(files: readonly FileOutcome[]): string {
  const names = files.flatMap(({ tests }) =>
    tests.flatMap(({ name, outcome }) =>
      outcome === 'passed' && name.startsWith('NOT RUN: ') ? `  ${name}` : [],
    ),
  )
  return names.length === 0 ? '' : ['── needs something of yours', ...names].join('\n')
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ')
}
