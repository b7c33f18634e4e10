import { availableParallelism } from 'node:os'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from './repository.ts'
import { type CheckOutcome, renderTable, runChecks } from './check-runner.ts'
import { checks } from './check-list.ts'

/** `npm run check [-- --json] [-- <name> …]`: every static check of the repository, one table. */
async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json')
  const names = args.filter((arg) => !arg.startsWith('--'))
  const unknown = names.filter((name) => !checks.some((check) => check.name === name))
  if (unknown.length > 0) {
    console.error(
      `no check is called ${unknown.join(', ')}; known: ${checks.map((c) => c.name).join(', ')}`,
    )
    return 2
  }
  mkdirSync(join(repositoryRoot, 'node_modules/.cache/banyan'), { recursive: true })
  const wanted = names.length === 0 ? checks : checks.filter((check) => names.includes(check.name))
  const startedMs = performance.now()
  const outcomes = await runChecks(wanted, {
    root: repositoryRoot,
    concurrency: Math.max(2, Math.min(4, availableParallelism())),
    onFinished: (outcome) => json || progress(outcome),
  })
  const durationMs = Math.round(performance.now() - startedMs)
  const ok = outcomes.every((outcome) => outcome.ok)
  if (json)
    console.log(JSON.stringify({ schema: 'banyan.check/1', ok, durationMs, checks: outcomes }))
  else console.log(renderTable(outcomes, durationMs))
  return ok ? 0 : 1
}

function progress(outcome: CheckOutcome): void {
  if (!outcome.ok) console.log(`── ${outcome.name} failed\n${outcome.output.trimEnd()}\n`)
}

process.exitCode = await main(process.argv.slice(2))
