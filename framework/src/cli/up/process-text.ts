import type { ProcessRow, ProcessTable } from '../../cluster/index.ts'
import { formatDuration } from '../../kernel/index.ts'

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
  const table = [head, ...rows.map(cellsOf)]
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
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
