/** One round of one server at a fixed rate that every server can hold: what latency is like when
 *  nothing is saturated. */
import { fileURLToPath } from 'node:url'
import { loadCore, startNode } from '../measure/child.ts'
import { busyness, ForeignCpu } from '../measure/machine.ts'
import { foreignCoresMax, type Round } from '../measure/result.ts'
import { startServer, startSink } from './processes.ts'
import type { SaturationOptions } from './saturation.ts'
import type { Subject } from './subjects.ts'
import { runWrk } from './wrk.ts'

export type FixedRateOptions = SaturationOptions & { readonly ratePerSecond: number }

type OpenLoopResult = { readonly errors: number; readonly p50Ms: number; readonly p99Ms: number }

/** Measures one round into `samples`. @throws Error when a request fails. */
export async function holdRate(subject: Subject, options: FixedRateOptions): Promise<Round> {
  const { data, seconds } = options
  await using sink = await startSink(false)
  await using server = await startServer(subject, { logPath: '/dev/null', otlpUrl: sink.url })
  const before = busyness()
  await runWrk(server.url, Math.min(2, seconds), data)
  const foreign = new ForeignCpu([server.child.pid, sink.child.pid])
  await using generator = startNode(fileURLToPath(new URL('./open-loop.ts', import.meta.url)), {
    core: loadCore,
    args: [server.url, options.ratePerSecond, seconds, data.tokensFile, data.bodiesFile].map(
      String,
    ),
  })
  const result: OpenLoopResult = JSON.parse(await generator.output((seconds + 15) * 1_000))
  const foreignCores = foreign.cores()
  const flagged = foreignCores !== undefined && foreignCores > foreignCoresMax
  if (result.errors > 0) throw new Error(`${result.errors} requests failed at the fixed rate`)
  options.samples.add(subject.name, 'steady p50', result.p50Ms, flagged)
  options.samples.add(subject.name, 'steady p99', result.p99Ms, flagged)
  const facts = { subject: subject.name, round: options.round, before, flagged }
  return foreignCores === undefined ? facts : { ...facts, foreignCores }
}
