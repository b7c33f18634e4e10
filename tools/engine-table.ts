/** A program that tests and benchmarks use and npm does not bring along. */
export interface EngineRow {
  readonly name: string
  /** The executable that must be found. */
  readonly binary: string
  readonly debian: string
  readonly homebrew: string
  /** An official image that can stand in for it; most tests start the binary themselves. */
  readonly docker?: string
  /** What is not tested without it. */
  readonly neededBy: string
}

/** Every engine of development; `npm run engines` installs them, tests ask for them by name. */
export const engines: readonly EngineRow[] = [
  {
    name: 'wrk',
    binary: 'wrk',
    debian: 'wrk',
    homebrew: 'wrk',
    neededBy: 'load on the HTTP endpoint (bench, npm run bench)',
  },
  {
    name: 'haproxy',
    binary: 'haproxy',
    debian: 'haproxy',
    homebrew: 'haproxy',
    docker: 'haproxy:2.6',
    neededBy: 'the gateway (engines/haproxy, cluster)',
  },
]
