import type { World } from '../kernel/index.ts'
import type { Module } from '../module/index.ts'
import { watchDirectoryFile } from '../remote/index.ts'
import type { PlannedService } from '../topology/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import type { InstanceOptions } from './instance-options.ts'
import { modulesOf, type Placement, workedModules } from './placement.ts'
import type { PlannedPlacement, RuntimeOptions } from './runtime-options.ts'

/** The placement of the instance, with a directory that follows its file.
 *  @throws REMOTE_DIRECTORY_* */
export async function openPlacement(
  stack: AsyncDisposableStack,
  { placement }: RuntimeOptions,
  { world: { clock }, telemetry }: { readonly world: World; readonly telemetry: Telemetry },
): Promise<Placement | undefined> {
  if (placement === undefined) return undefined
  const { plan, service, id, peers, directoryFile, certificates } = placement
  const directory = stack.use(await watchDirectoryFile({ file: directoryFile, clock, telemetry }))
  return {
    ...{ services: plan.services, calls: plan.calls, service, id, endpoint: peers, directory },
    ...(certificates === undefined ? {} : { certificates }),
  }
}

/** The modules whose handlers, of whatever kind, run in this process. */
export function presentModules({ application, placement }: RuntimeOptions): readonly Module[] {
  if (placement === undefined) return application.modules
  const own = ownOf(placement)
  return [...new Set([...modulesOf(application, own), ...workedModules(application, own)])]
}

/** How the process is called in logs and traces. */
export function serviceNameOf({ application, placement }: RuntimeOptions): string {
  return placement === undefined ? application.name : `${application.name}-${placement.service}`
}

/** Its bounds: the plan's, or those of its settings where it stands alone. */
export function boundsOf({
  settings,
  placement,
}: RuntimeOptions): Pick<InstanceOptions, 'inFlightMax' | 'limits'> {
  if (placement === undefined) {
    const { inFlightMax, readConnectionsMax, transactionsMax } = settings
    return { inFlightMax, limits: { readConnectionsMax, transactionsMax } }
  }
  const { inFlightMax, pool } = ownOf(placement)
  return {
    inFlightMax,
    limits: { readConnectionsMax: pool.readers, transactionsMax: pool.transactions },
  }
}

/** Its public listener, if it has one. The port may be shared: that is how one instance, or a
 *  gateway, takes it over from another. */
export function listenerOf({
  settings: { host, port },
  listen,
  placement,
}: RuntimeOptions): Pick<InstanceOptions, 'listen'> {
  if (listen === false) return {}
  if (placement === undefined) return { listen: { host, port } }
  const { http } = placement
  if (http === undefined || !ownOf(placement).runs.includes('http')) return {}
  return { listen: { ...http, reusePort: true } }
}

function ownOf({ plan, service }: PlannedPlacement): PlannedService {
  const own = plan.services.find(({ name }) => name === service)
  if (own === undefined) throw new Error(`no service ${service} in the plan ${plan.topology}`)
  return own
}
