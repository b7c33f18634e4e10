import { printAddress, type PlannedServer } from './gateway-state.ts'
import { backendName, watchWords } from './server-options.ts'
import type { ServerRow } from './server-table.ts'

/** One server that is not as it should be, and the commands of the runtime API that put it right. */
export interface ServerChange {
  readonly id: string
  readonly change: 'add' | 'alter' | 'remove'
  readonly commands: readonly string[]
}

/** What separates a running HAProxy from what is wanted. Pure; empty when nothing does. A server that
 *  nobody wants is only taken out here: it can be deleted once its last connection has ended. */
export function planChanges(
  wanted: readonly PlannedServer[],
  rows: readonly ServerRow[],
  checkEveryMs: number,
): readonly ServerChange[] {
  const known = new Map(rows.map((row) => [row.id, row]))
  const names = new Set(wanted.map(({ id }) => id))
  const changes = wanted.flatMap((server): ServerChange[] => {
    const row = known.get(server.id)
    if (row === undefined) return [addition(server, checkEveryMs)]
    const commands = alterations(server, row)
    return commands.length === 0 ? [] : [{ id: server.id, change: 'alter', commands }]
  })
  const removals = rows
    .filter((row) => !names.has(row.id) && !row.isOut)
    .map(({ id }): ServerChange => {
      return { id, change: 'remove', commands: [`set server ${backendName}/${id} state maint`] }
    })
  return [...changes, ...removals]
}

/** Servers that nobody wants and that are out already: to be deleted. */
export function leavingServers(
  wanted: readonly PlannedServer[],
  rows: readonly ServerRow[],
): readonly string[] {
  const names = new Set(wanted.map(({ id }) => id))
  return rows.filter((row) => row.isOut && !names.has(row.id)).map(({ id }) => id)
}

/** A new server is born out of service, with its checks off. */
function addition(server: PlannedServer, checkEveryMs: number): ServerChange {
  const name = `${backendName}/${server.id}`
  const words = [printAddress(server.host, server.port), ...watchWords(checkEveryMs)]
  return {
    id: server.id,
    change: 'add',
    commands: [
      `add server ${name} ${words.join(' ')} weight ${server.weight}`,
      `enable health ${name}`,
      `set server ${name} state ${stateOf(server)}`,
    ],
  }
}

function alterations(server: PlannedServer, row: ServerRow): string[] {
  const name = `set server ${backendName}/${server.id}`
  const commands: string[] = []
  const isMoved = row.host !== server.host || row.port !== server.port
  if (isMoved) commands.push(`${name} addr ${server.host} port ${server.port}`)
  if (row.weight !== server.weight) commands.push(`${name} weight ${server.weight}`)
  if (row.isOut || row.isDraining !== server.isDraining) {
    commands.push(`${name} state ${stateOf(server)}`)
  }
  // What was known about the old address says nothing about the new one.
  if (isMoved && !server.isDraining) commands.push(`${name} health up`)
  return commands
}

function stateOf({ isDraining }: PlannedServer): 'drain' | 'ready' {
  return isDraining ? 'drain' : 'ready'
}
