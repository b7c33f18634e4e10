/** One round of one server at saturation: a closed loop of 64 connections, /metrics scraped once a
 *  second meanwhile, and the server's own counts compared with the load's afterwards. */
import { busyness, cpuSecondsOf, ForeignCpu, residentMb } from '../measure/machine.ts'
import { foreignCoresMax, type Round, type Samples } from '../measure/result.ts'
import type { LoadData } from './load-data.ts'
import { countedSpans, type Listening, startServer, startSink } from './processes.ts'
import { histogramCount } from './prometheus.ts'
import type { Subject } from './subjects.ts'
import { connectionCount, type LoadResult, runWrk } from './wrk.ts'

export type SaturationOptions = {
  readonly round: number
  readonly seconds: number
  readonly data: LoadData
  readonly samples: Samples
}

/** Measures one round into `samples`. @throws Error when requests fail, or when the server's own
 *  histogram denies requests that were answered. */
export async function saturate(subject: Subject, options: SaturationOptions): Promise<Round> {
  await using sink = await startSink(false)
  await using server = await startServer(subject, { logPath: '/dev/null', otlpUrl: sink.url })
  const before = busyness()
  const warmed = await runWrk(server.url, Math.min(2, options.seconds), options.data)
  const foreign = new ForeignCpu([server.child.pid, sink.child.pid])
  const cpuBefore = cpuSecondsOf(server.child.pid)
  using _scraper = subject.duties === 'all' ? new Scraper(server.url) : undefined
  const load = await runWrk(server.url, options.seconds, options.data)
  const cpuAfter = cpuSecondsOf(server.child.pid)
  const foreignCores = foreign.cores()
  const flagged = foreignCores !== undefined && foreignCores > foreignCoresMax
  const add = (metric: string, value: number | undefined): void =>
    options.samples.add(subject.name, metric, value, flagged)
  add('throughput', load.requests / (load.durationUs / 1e6))
  add('p50', load.p50Us / 1_000)
  add('p99', load.p99Us / 1_000)
  add('memory', residentMb(server.child.pid))
  if (cpuBefore !== undefined && cpuAfter !== undefined) {
    add('cpu', ((cpuAfter - cpuBefore) / load.requests) * 1e6)
  }
  if (subject.duties === 'all') {
    add('spans', await deliveredPercent(subject, { server, sink, loads: [warmed, load] }))
  }
  const facts = { subject: subject.name, round: options.round, before, flagged }
  return foreignCores === undefined ? facts : { ...facts, foreignCores }
}

type Finished = {
  readonly server: Listening
  readonly sink: Listening
  readonly loads: readonly LoadResult[]
}

/** Stops the server and returns the share of its spans that reached the sink, in percent. */
async function deliveredPercent(subject: Subject, finished: Finished): Promise<number> {
  const { server, sink, loads } = finished
  let answered = 0
  for (const load of loads) {
    if (load.failures > 0) throw new Error(`${load.failures} requests failed under load`)
    answered += load.requests
  }
  const exposition = await (await fetch(`${server.url}/metrics`)).text()
  const observed = histogramCount(exposition, subject.histogram)
  // wrk abandons what is in flight at its end; the server may have served those as well.
  if (observed < answered || observed > answered + loads.length * 2 * connectionCount) {
    throw new Error(`${answered} requests were answered, its histogram counted ${observed}`)
  }
  if (!(await server.child.stop())) throw new Error('did not stop within 10 s of SIGTERM')
  return Math.round(((await countedSpans(sink)) / (observed * 2)) * 1_000) / 10
}

/** Scrapes /metrics once a second, as Prometheus would (more eagerly, so that it shows). */
class Scraper implements Disposable {
  readonly #timer: NodeJS.Timeout

  constructor(url: string) {
    this.#timer = setInterval(() => {
      fetch(`${url}/metrics`)
        .then((response) => response.arrayBuffer())
        .catch(() => undefined)
    }, 1_000)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
