import { repositoryRoot } from './repository.ts'
import { endGroup, type FileOutcome, type Runner, runTestFile } from './test-file.ts'
import { fileLine, summarise, type Verdict } from './test-summary.ts'

/** One test file under one runner. */
export interface Run {
  readonly file: string
  readonly runner: Runner
  /** Which modules are services of their own, as TEST_SERVICES says it; every one unless given. */
  readonly services?: string
}

const concurrency = 2
const timeoutMs = 240_000

/** Whether a file starts applications of the shop, so that it means the same under every runner. Those that
 *  kill processes of their own do not run under one. */
export function isApplicationTest(file: string, text: string): boolean {
  if (/\/(?:crash|kill)\.test\.ts$/.test(file)) return false
  return file.startsWith('shop/') && /testApplication|openTestShop/.test(text)
}

/** The tests of the shop that a placement is tried with: a whole checkout, cancellations and refunds,
 *  a catalogue to browse, HTTP, and the audit after each. */
export const placedFiles: readonly string[] = [
  'shop/src/orders/orders.test.ts',
  'shop/src/checkout/checkout-http.test.ts',
  'shop/src/catalog/catalog.test.ts',
  'shop/src/cart/cart.test.ts',
]

/** The runs of one generated placement. */
export function placedRuns(number: number, files: readonly string[] = placedFiles): Run[] {
  return files.map((file) => ({ file, runner: 'split', services: `#${number}` }))
}

/** Runs all, two at a time, a line for each as it ends. An interrupt ends what runs. */
export async function runAll(
  runs: readonly Run[],
  options: { readonly namePattern?: string } = {},
): Promise<readonly FileOutcome[]> {
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
      const { file, ...how } = run
      const outcome = await runTestFile(file, {
        ...{ ...how, ...options, root: repositoryRoot, timeoutMs },
        onStarted: (group) => groups.add(group),
      })
      outcomes.push(outcome)
      console.log(fileLine(outcome))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return outcomes.sort((a, b) => a.file.localeCompare(b.file))
}

/** Runs all and prints the verdict. */
export async function runAndJudge(
  runs: readonly Run[],
  options: { readonly namePattern?: string } = {},
): Promise<Verdict & { readonly outcomes: readonly FileOutcome[] }> {
  const startedMs = performance.now()
  const outcomes = await runAll(runs, options)
  const verdict = summarise(outcomes, process.env['BANYAN_REQUIRE_ENGINES'] === '1')
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  console.log(`\nall files ended within ${seconds} s\n${verdict.text}`)
  return { ...verdict, outcomes }
}
