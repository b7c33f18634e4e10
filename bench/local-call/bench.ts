/** The ladder of a call: a direct function, a Banyan call inside one process with all its meaning,
 *  and the ways one would otherwise isolate a callee. See bench/README.md. */
import { fileURLToPath } from 'node:url'
import type { Bench, Measured, RunOptions } from '../measure/bench.ts'
import { serverCore, startNode } from '../measure/child.ts'
import {
  type Cell,
  judge,
  type Metric,
  medianOf,
  ratio,
  Samples,
  type Verdict,
} from '../measure/result.ts'
import { median } from '../measure/statistics.ts'
import type { Ladder } from './ladder.ts'

const metrics: readonly Metric[] = [
  { name: 'call', unit: 'ns', better: 'lower' },
  { name: 'over direct', unit: 'ns', better: 'lower' },
]
/** One caller's context must live as long as the whole run; no contract allows a longer timeout. */
const runSecondsMax = 540

export const localCallBench: Bench = {
  name: 'local-call',
  title: 'one call inside one process',
  // A direct call isolates nothing and loopback is another world: only the copies are rivals.
  report: { subject: 'banyan', references: ['direct'] },
  run: runLocalCall,
}

async function runLocalCall(options: RunOptions): Promise<Measured> {
  if (options.rounds * options.seconds > runSecondsMax) {
    throw new Error(`local-call runs for at most ${runSecondsMax} s: lower --rounds or --seconds`)
  }
  await using child = startNode(fileURLToPath(new URL('./ladder.ts', import.meta.url)), {
    core: serverCore,
    nodeArgs: ['--expose-gc'],
    env: { NODE_ENV: 'production' },
    args: [String(options.rounds), String(options.seconds)],
  })
  const msMax = (options.rounds * options.seconds * 2 + 30) * 1_000
  const ladder: Ladder = JSON.parse(await child.output(msMax))
  const cells = cellsOf(ladder, options.only)
  return {
    versions: {},
    metrics,
    cells,
    verdicts: judgeLocalCall(cells),
    missing: ladder.missing.map((subject) => ({
      subject,
      reason: 'local-call/banyan-step.ts does not exist yet',
    })),
    refused: [],
    roundFacts: ladder.rounds,
    notes: [
      '"call" holds the handler itself, which is the whole of "direct"; the targets judge it',
    ],
  }
}

function cellsOf(ladder: Ladder, only: readonly string[]): Cell[] {
  const direct = ladder.samples.filter(({ step }) => step === 'direct')
  const directNs = median(direct.map(({ nsPerCall }) => nsPerCall))
  const samples = new Samples()
  for (const { step, nsPerCall, flagged } of ladder.samples) {
    if (only.length > 0 && !only.includes(step)) continue
    samples.add(step, 'call', nsPerCall, flagged)
    if (step !== 'direct') samples.add(step, 'over direct', nsPerCall - directNs, flagged)
  }
  return samples.cells()
}

/** The targets of the ladder, judged on the medians of the whole call, handler included. */
export function judgeLocalCall(cells: readonly Cell[]): Verdict[] {
  const nsOf = (step: string): number | undefined => medianOf(cells, step, 'call')
  return [
    judge({ name: 'Banyan local call, ns', wanted: 2_000, comparison: 'at most' }, nsOf('banyan')),
    judge(
      { name: 'JSON round trip, times a Banyan local call', wanted: 5, comparison: 'at least' },
      ratio(nsOf('json'), nsOf('banyan')),
    ),
  ]
}
