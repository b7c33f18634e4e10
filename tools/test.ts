import { readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { listFiles, repositoryRoot } from './repository.ts'
import { endGroup, type FileOutcome, runTestFile } from './test-file.ts'
import { fileLine, summarise } from './test-summary.ts'

const concurrency = 2
const timeoutMs = 240_000
const usage = `npm test [-- <path or pattern> …] [--name <regular expression>]
  npm test                         every test
  npm test -- framework/src/data   every test file whose path contains this
  npm test -- 'shop/**/cart*'      every test file whose path matches this glob
  npm test -- --name 'sold out'    only tests whose title matches`

/** The test files of the repository: beside the sources, without drills and without benchmark peers. */
export function findTestFiles(files: readonly string[], patterns: readonly string[]): string[] {
  return files
    .filter((file) => /^(framework|shop|tools|docs|bench)\/.*\.test\.ts$/.test(file))
    .filter((file) => !file.startsWith('bench/peers/'))
    .filter(
      (file) =>
        patterns.length === 0 ||
        patterns.some((pattern) => file.includes(pattern) || matchesGlob(file, pattern)),
    )
}

interface Run {
  readonly file: string
  readonly runner: 'inline' | 'wire'
}

/** Every file once, and a test that starts an application of the shop once more under the runner
 *  `wire`: the same body, with every call between modules serialised, repeated and doubled. */
export function planRuns(files: readonly string[], read: (file: string) => string): readonly Run[] {
  return files.flatMap((file): readonly Run[] => {
    const inline: Run = { file, runner: 'inline' }
    const isApplication =
      file.startsWith('shop/') && /testApplication|openTestShop/.test(read(file))
    return isApplication ? [inline, { file, runner: 'wire' }] : [inline]
  })
}

async function runAll(runs: readonly Run[], namePattern: string | undefined) {
  const outcomes: FileOutcome[] = []
  const waiting = [...runs]
  const groups = new Set<number>()
  const interrupt = (): void => {
    for (const group of groups) endGroup(group)
    process.exit(130)
  }
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const work = async (): Promise<void> => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      const outcome = await runTestFile(run.file, {
        runner: run.runner,
        root: repositoryRoot,
        timeoutMs,
        ...(namePattern === undefined ? {} : { namePattern }),
        onStarted: (group) => groups.add(group),
      })
      outcomes.push(outcome)
      console.log(fileLine(outcome))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return outcomes.sort((a, b) => a.file.localeCompare(b.file))
}

async function main(args: readonly string[]): Promise<number> {
  const nameAt = args.indexOf('--name')
  const namePattern = nameAt === -1 ? undefined : args[nameAt + 1]
  const patterns = args.filter((_, i) => nameAt === -1 || (i !== nameAt && i !== nameAt + 1))
  if (args.includes('--help') || patterns.some((pattern) => pattern.startsWith('-'))) {
    console.log(usage)
    return args.includes('--help') ? 0 : 2
  }
  const files = findTestFiles(listFiles(repositoryRoot), patterns)
  if (files.length === 0) {
    console.error(`no test file matches ${patterns.join(' ') || '*.test.ts'}\n${usage}`)
    return 2
  }
  const startedMs = performance.now()
  console.log(`${files.length} test files on Node ${process.versions.node}`)
  const runs = planRuns(files, (file) => readFileSync(join(repositoryRoot, file), 'utf8'))
  const outcomes = await runAll(runs, namePattern)
  const verdict = summarise(outcomes, process.env['BANYAN_REQUIRE_ENGINES'] === '1')
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  console.log(`\nall files ended within ${seconds} s\n${verdict.text}`)
  return verdict.ok ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
