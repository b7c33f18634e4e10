import path from 'node:path'
import type { InstanceTask } from './orders.ts'
import type { PlannedSystem } from './planned-system.ts'
import { directoryFileOf, peerSocketOf, planFileOf, type RunFolder } from './run-folder.ts'
import type { PlannedSlot } from './slot-plan.ts'

/** Where an instance is to stand. */
export interface InstancePlace {
  readonly folder: RunFolder
  readonly stateFolder: string
  readonly planned: PlannedSlot
  readonly id: string
  readonly plan: number
  readonly circle: number
  readonly databaseUrl: string | undefined
}

/** What an instance is told when it is started. */
export function instanceTask(place: InstancePlace, { plan }: PlannedSystem): InstanceTask {
  const { folder, stateFolder, planned, id, databaseUrl } = place
  const { transport, mtls } = plan.calls
  return {
    kind: 'instance',
    planFile: planFileOf(folder, place.plan),
    service: planned.service ?? '',
    id,
    peers:
      transport === 'unix'
        ? { kind: 'unix', path: peerSocketOf(folder, id) }
        : { kind: 'tcp', host: '127.0.0.1', port: 0 },
    directoryFile: directoryFileOf(folder, place.circle),
    ...(planned.http === undefined ? {} : { http: planned.http }),
    ...(mtls ? { certificates: certificatesIn(stateFolder) } : {}),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  }
}

/** Where the project's own authority keeps its certificates. */
export function certificatesIn(stateFolder: string): string {
  return path.join(stateFolder, 'certs')
}
