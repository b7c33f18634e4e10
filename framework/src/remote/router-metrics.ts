import type { Counter, Metrics } from '../telemetry/index.ts'
import { type LinkState, linkStates } from './link-state.ts'

/** How a call ended on the road. `answered`: also by a failure that the callee declared. `lost`: the
 *  road failed it. `expired`: its deadline passed. `cancelled`: its caller left. */
export type Outcome = 'answered' | 'lost' | 'expired' | 'cancelled'

/** The counters of one service. */
export type Outcomes = Readonly<Record<Outcome, Counter>>

/** What the router counts. Labels are services, modules and closed lists: bounded by the topology. */
export class RouterMetrics {
  readonly #metrics: Metrics
  readonly #outcomes = new Map<string, Outcomes>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  /** The counters of calls that end at instances of a service; `none` for calls that reached none. */
  callsOf(service: string): Outcomes {
    const known = this.#outcomes.get(service)
    if (known !== undefined) return known
    const counter = (outcome: Outcome): Counter =>
      this.#metrics.counter(
        'banyan_remote_calls_total',
        'Calls to other instances by the service they went to and how they ended.',
        { service, outcome },
      )
    const made: Outcomes = {
      answered: counter('answered'),
      lost: counter('lost'),
      expired: counter('expired'),
      cancelled: counter('cancelled'),
    }
    this.#outcomes.set(service, made)
    return made
  }

  retries(module: string): Counter {
    const help = 'Calls that were sent once more, by module.'
    return this.#metrics.counter('banyan_remote_retries_total', help, { module })
  }

  refusedRetries(module: string): Counter {
    const help = 'Calls that were not sent once more because the retry budget was empty.'
    return this.#metrics.counter('banyan_remote_retries_refused_total', help, { module })
  }

  ejections(service: string): Counter {
    const help = 'Instances left out for a while after failures in a row, by service.'
    return this.#metrics.counter('banyan_remote_ejections_total', help, { service })
  }

  /** Gauges that are read at each scrape. */
  observe(read: { links(state: LinkState): number; waiting(): number; inFlight(): number }): void {
    const links = 'Links to other instances by state.'
    for (const state of linkStates) {
      this.#metrics.gauge('banyan_remote_links', links, { state }, () => read.links(state))
    }
    const waiting = 'Calls that wait for an instance.'
    this.#metrics.gauge('banyan_remote_calls_waiting', waiting, {}, () => read.waiting())
    const inFlight = 'Calls to other instances that have not ended.'
    this.#metrics.gauge('banyan_remote_calls_in_flight', inFlight, {}, () => read.inFlight())
  }
}
