/** The one runner of all benches: `npm run bench -- [name…] [--rounds N] [--seconds S] [--only a,b]
 *  [--json] [--strict]`. Writes bench/results/<name>.json and prints a table, or with --json the
 *  results. Exit code 1 when a server was refused, when a bench could not run, or, with --strict,
 *  when a target is not met. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { endpointBench } from './endpoint/bench.ts'
import { jobsBench } from './jobs/bench.ts'
import { localCallBench } from './local-call/bench.ts'
import type { Bench, RunOptions } from './measure/bench.ts'
import { pinningWorks, pinRunner } from './measure/child.ts'
import { machineFacts } from './measure/machine.ts'
import { renderReport } from './measure/report.ts'
import { type BenchResult, exitCodeOf } from './measure/result.ts'
import { remoteCallBench } from './remote-call/bench.ts'

const benches: readonly Bench[] = [localCallBench, remoteCallBench, endpointBench, jobsBench]
const resultsFolder = new URL('./results/', import.meta.url)

type Arguments = {
  readonly chosen: readonly Bench[]
  readonly options: RunOptions
  readonly json: boolean
  readonly strict: boolean
}

function parseArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      only: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
    },
  })
  const known = benches.map(({ name }) => name)
  const unknown = positionals.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new Error(`no bench "${unknown}"; there are: ${known.join(', ')}`)
  return {
    chosen: benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    options: {
      rounds: parseCount('rounds', values.rounds, 100),
      seconds: parseCount('seconds', values.seconds, 60),
      only: values.only.split(',').filter(Boolean),
      say: (line) => void process.stderr.write(`${line}\n`),
    },
    json: values.json,
    strict: values.strict,
  }
}

function parseCount(name: string, text: string, max: number): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= max) return count
  throw new Error(`--${name} takes a whole number from 1 to ${max}, not "${text}"`)
}

async function runBench(bench: Bench, options: RunOptions): Promise<BenchResult> {
  options.say(`# ${bench.name}: ${bench.title}`)
  const measured = await bench.run(options)
  return {
    bench: bench.name,
    measuredAt: new Date().toISOString(),
    command: `npm run bench -- ${bench.name} --rounds ${options.rounds} --seconds ${options.seconds}`,
    rounds: options.rounds,
    seconds: options.seconds,
    machine: machineFacts(),
    pinned: pinningWorks(),
    ...measured,
  }
}

/** A run of some subjects only is a smoke test: it is shown, never kept. */
function keep(result: BenchResult, options: RunOptions): void {
  if (options.only.length > 0) return
  mkdirSync(resultsFolder, { recursive: true })
  const file = new URL(`${result.bench}.json`, resultsFolder)
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
}

async function main(): Promise<number> {
  const { chosen, options, json, strict } = parseArguments(process.argv.slice(2))
  const results: BenchResult[] = []
  pinRunner()
  for (const bench of chosen) {
    const result = await runBench(bench, options)
    keep(result, options)
    results.push(result)
    if (!json) process.stdout.write(renderReport(result, bench.report))
  }
  if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
  return exitCodeOf(results, strict)
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  },
)
