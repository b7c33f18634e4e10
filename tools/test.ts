import { readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { listFiles, repositoryRoot } from './repository.ts'
import { isApplicationTest, placedRuns, type Run, runAndJudge } from './test-runs.ts'

const usage = `npm test [-- <path or pattern> …] [--name <regular expression>]
  npm test                         every test
  npm test -- framework/src/data   every test file whose path contains this
  npm test -- 'shop/**/cart*'      every test file whose path matches this glob
  npm test -- --name 'sold out'    only tests whose title matches
All runners, many placements: npm run parity`

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

/** Generated placements that every run of all tests tries: the two modules in the middle of everything
 *  apart from the rest, and pairs. */
const placements = [3, 7, 9]
const placedFile = 'shop/src/orders/orders.test.ts'

/** Every file once, and a test that starts an application of the shop again under the runners `wire`
 *  and `split`; one of them also under a few placements. */
export function planRuns(files: readonly string[], read: (file: string) => string): readonly Run[] {
  return files.flatMap((file): readonly Run[] => {
    const inline: Run = { file, runner: 'inline' }
    if (!isApplicationTest(file, read(file))) return [inline]
    const placed = placements.flatMap((number) => placedRuns(number, [placedFile]))
    return [
      inline,
      { file, runner: 'wire' },
      { file, runner: 'split' },
      ...placed.filter((run) => run.file === file),
    ]
  })
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
  console.log(`${files.length} test files on Node ${process.versions.node}`)
  const runs = planRuns(files, (file) => readFileSync(join(repositoryRoot, file), 'utf8'))
  const { ok } = await runAndJudge(runs, namePattern === undefined ? {} : { namePattern })
  return ok ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
