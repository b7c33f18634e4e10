import { askWorker } from './runtime-api.ts'
import { backendName } from './server-options.ts'

/** A server as HAProxy has it at this moment. */
export interface ServerRow {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly weight: number
  /** Taken out altogether: no requests, no checks. */
  readonly isOut: boolean
  readonly isDraining: boolean
}

const outFlags = 0x01 | 0x04
const drainFlag = 0x08

/** Reads the servers back from a running HAProxy. */
export async function readServers(runtimeSocket: string): Promise<readonly ServerRow[]> {
  return parseServers(await askWorker(runtimeSocket, `show servers state ${backendName}`))
}

/** Parses `show servers state`: a line with the format's version, one with the columns' names. */
export function parseServers(text: string): readonly ServerRow[] {
  const [, head = '', ...lines] = text.split('\n')
  const columns = head.replace(/^#\s*/, '').split(' ')
  const index = (name: string): number => columns.indexOf(name)
  const [id, host, port] = [index('srv_name'), index('srv_addr'), index('srv_port')]
  const [admin, weight] = [index('srv_admin_state'), index('srv_uweight')]
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const cells = line.split(' ')
      const flags = Number(cells[admin])
      return {
        id: cells[id] ?? '',
        host: cells[host] ?? '',
        port: Number(cells[port]),
        weight: Number(cells[weight]),
        isOut: (flags & outFlags) !== 0,
        isDraining: (flags & drainFlag) !== 0,
      }
    })
}
