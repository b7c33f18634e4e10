import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles, repositoryRoot } from './repository.ts'
import { findTestFiles } from './test.ts'
import { type FileOutcome, runners } from './test-file.ts'
import { isApplicationTest, placedRuns, type Run, runAndJudge } from './test-runs.ts'

const usage = `npm run parity [-- --runners] [--placements [count]] [--seed <number>]
  npm run parity                   all of it: the parity suite, the shop's tests under every runner,
                                   and under 15 generated placements
  npm run parity -- --runners      the parity suite, and the shop's tests under every runner
  npm run parity -- --placements   a part of the shop's tests under 15 generated placements
  npm run parity -- --placements 30
  npm run parity -- --seed 5       other calls kill the instances that they reach`

const placementsDefault = 15
const suite = 'framework/src/testing/'

interface Wish {
  readonly runners: boolean
  /** How many; 0 for none. */
  readonly placements: number
  /** Decides which calls kill instances. */
  readonly seed: number
}

/** What the arguments ask for; undefined when they are none. */
export function readWish(args: readonly string[]): Wish | undefined {
  const rest = [...args]
  const takeCount = (): number | undefined =>
    /^\d+$/.test(rest[0] ?? '') ? Number(rest.shift()) : undefined
  let wish: Wish = { runners: false, placements: 0, seed: 0 }
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--runners') wish = { ...wish, runners: true }
    else if (arg === '--placements') {
      wish = { ...wish, placements: takeCount() ?? placementsDefault }
    } else if (arg === '--seed') {
      const seed = takeCount()
      if (seed === undefined) return undefined
      wish = { ...wish, seed }
    } else return undefined
  }
  const isAll = !wish.runners && wish.placements === 0
  return isAll ? { ...wish, runners: true, placements: placementsDefault } : wish
}

/** The runs of a wish. */
export function planParity(
  wish: Wish,
  files: readonly string[],
  read: (file: string) => string,
): readonly Run[] {
  const numbers = Array.from({ length: wish.placements }, (_, index) => index + 1)
  const placed = numbers.flatMap((number) => placedRuns(number))
  if (!wish.runners) return placed
  const shop = files.filter((file) => isApplicationTest(file, read(file)))
  const underAll = shop.flatMap((file) => runners.map((runner): Run => ({ file, runner })))
  const own = files.filter((file) => file.startsWith(suite))
  return [...own.map((file): Run => ({ file, runner: 'inline' })), ...underAll, ...placed]
}

/** How many instances died in all runs, as they reported it. */
export function countKills(outcomes: readonly Pick<FileOutcome, 'output'>[]): number {
  const reports = outcomes.flatMap(({ output }) => [
    ...output.matchAll(/^killed instances: (\d+)$/gm),
  ])
  return reports.reduce((sum, [, count]) => sum + Number(count), 0)
}

async function main(args: readonly string[]): Promise<number> {
  const wish = readWish(args)
  if (wish === undefined) {
    console.log(usage)
    return args.includes('--help') ? 0 : 2
  }
  const files = findTestFiles(listFiles(repositoryRoot), [])
  const runs = planParity(wish, files, (file) => readFileSync(join(repositoryRoot, file), 'utf8'))
  console.log(`${runs.length} runs on Node ${process.versions.node}`)
  process.env['TEST_KILLS'] = 'report'
  process.env['TEST_SEED'] = `${wish.seed}`
  const { ok, outcomes } = await runAndJudge(runs)
  if (!wish.runners) return ok ? 0 : 1
  const kills = countKills(outcomes)
  console.log(`${kills} instances were killed while they worked (seed ${wish.seed})`)
  return ok && kills > 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
