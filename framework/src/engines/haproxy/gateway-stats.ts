import { askMaster, askWorker } from './runtime-api.ts'
import { backendName } from './server-options.ts'

/** What the gateway sees at one moment. */
export interface GatewayStats {
  /** Connections from clients, idle ones included. */
  readonly connections: number
  readonly instances: readonly InstanceStats[]
}

/** One instance as the gateway sees it. Counts begin anew when HAProxy reloads. */
export interface InstanceStats {
  readonly id: string
  /** `up`: gets requests · `drain`: no new ones · `down`: failed its checks or refused a connection ·
   *  `out`: taken out, until its last request has ended. */
  readonly state: 'up' | 'drain' | 'down' | 'out'
  readonly weight: number
  /** Requests sent and not yet answered. */
  readonly inFlight: number
  readonly requests: number
  /** How often it refused a connection, or ended one without an answer. */
  readonly errors: number
  /** Requests that were sent again, here or to another. */
  readonly retries: number
  /** Failed checks. */
  readonly checksFailed: number
  /** What the last check found, in HAProxy's words: "L7OK", "L4CON", "L7STS/503". */
  readonly lastCheck: string
}

/** Reads the statistics of the worker that serves. */
export async function readStats(runtimeSocket: string): Promise<GatewayStats> {
  return parseStats(await askWorker(runtimeSocket, statsCommand))
}

/** Reads those of any worker, through the master. */
export async function readStatsOf(masterSocket: string, worker: number): Promise<GatewayStats> {
  return parseStats(await askMaster(masterSocket, `@!${worker} ${statsCommand}`))
}

const statsCommand = 'show stat'

/** Parses `show stat`: CSV whose first line names the columns. No value that is read here holds a
 *  comma. */
export function parseStats(text: string): GatewayStats {
  const [head = '', ...lines] = text.split('\n')
  const columns = head.replace(/^#\s*/, '').split(',')
  const rows = lines
    .filter((line) => line !== '')
    .map((line) => {
      const cells = line.split(',')
      return new Map(columns.map((name, index) => [name, cells[index] ?? '']))
    })
  const frontend = rows.find((row) => row.get('pxname') === 'public')
  return {
    connections: Number(frontend?.get('scur') ?? 0),
    instances: rows
      .filter((row) => row.get('pxname') === backendName && row.get('svname') !== 'BACKEND')
      .map(instanceOf),
  }
}

function instanceOf(row: ReadonlyMap<string, string>): InstanceStats {
  const number = (name: string): number => Number(row.get(name) ?? 0)
  const code = row.get('check_code') ?? ''
  const check = (row.get('check_status') ?? '').replace(/^\* /, '')
  return {
    id: row.get('svname') ?? '',
    state: stateOf(row.get('status') ?? ''),
    weight: number('uweight'),
    inFlight: number('scur'),
    requests: number('stot'),
    errors: number('econ') + number('eresp'),
    retries: number('wretr'),
    checksFailed: number('chkfail'),
    lastCheck: code === '' ? check : `${check}/${code}`,
  }
}

/** HAProxy adds how many checks are left: "UP 1/2", "DOWN 1/2". */
function stateOf(status: string): InstanceStats['state'] {
  if (status.startsWith('MAINT')) return 'out'
  if (status.startsWith('DRAIN')) return 'drain'
  return status.startsWith('UP') || status.startsWith('no check') ? 'up' : 'down'
}
