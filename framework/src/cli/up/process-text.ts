import type { ProcessRow, ProcessTable } from '../../cluster/index.ts'
import { formatDuration } from '../../kernel/index.ts'
import { textTable } from '../text-table.ts'

const head: readonly string[] = [
  'ID',
  'PROCESS',
  'STATE',
  'UP',
  'RESTARTS',
  'MEMORY',
  'IN FLIGHT',
  'ADDRESS',
  'MODULES',
]

/** What runs, as a table for people. */
export function processText({ application, topology, supervisor, rows }: ProcessTable): string {
  const who =
    supervisor === undefined
      ? 'no supervisor: they end by themselves unless `banyan up` takes them over'
      : `supervised by process ${supervisor}`
  const lines = textTable([head, ...rows.map(cellsOf)])
  return [`${application}, topology ${topology}, ${who}`, '', ...lines].join('\n')
}

function cellsOf(row: ProcessRow): readonly string[] {
  const { id, pid, role, state, uptimeMs, restarts, rssBytes, inFlight } = row
  return [
    id,
    text(pid),
    role === 'current' ? state : `${state}, ${role}`,
    uptimeMs === undefined ? '-' : formatDuration(uptimeMs),
    text(restarts),
    rssBytes === undefined ? '-' : `${Math.round(rssBytes / 1_048_576)} MB`,
    text(inFlight),
    addressOf(row),
    row.modules.join(' ') || '-',
  ]
}

function addressOf({ url, peers }: ProcessRow): string {
  if (url !== undefined) return url
  if (peers === undefined) return '-'
  return peers.kind === 'unix' ? 'socket' : `${peers.host}:${peers.port}`
}

function text(value: number | undefined): string {
  return value === undefined ? '-' : String(value)
}
