import type { PlannedSystem } from '../../cluster/index.ts'
import { createPostgresServer } from '../../engines/postgres/client/index.ts'
import { type Application, graphOf } from '../../module/index.ts'
import { type Plan, presentIn } from '../../topology/index.ts'
import { type Companion, wantedCompanions } from '../load-application.ts'
import { loadPlan, type PlanSource } from '../plan/load-plan.ts'
import { settingsOf } from '../project-settings.ts'

/** Everything that the supervisor must know, without loading the application itself. */
export interface ResolvedSystem {
  readonly system: PlannedSystem
  /** Of the application, absolute. */
  readonly folder: string
  /** Of local state, absolute. */
  readonly stateFolder: string
}

/** A resolved system, and the application that it is of. */
export interface LoadedSystem extends ResolvedSystem {
  readonly application: Application
}

/** Loads an application and a topology.
 *  @throws what `loadPlan` throws · RUNTIME_SETTING_INVALID */
export async function loadSystem(source: PlanSource): Promise<LoadedSystem> {
  const { project, plan } = await loadPlan(source)
  const { application, folder } = project
  const { folder: stateFolder, databaseUrl, moduleVariables } = settingsOf(folder)
  const companions = wantedCompanions(project.companions, source.environment)
  const database = describeDatabase(plan, databaseUrl)
  const system = systemOf(plan, application, {
    companions: wantedCompanions(companions, moduleVariables),
    database,
  })
  return { application, folder, stateFolder, system }
}

/** What a supervisor must know of a plan and its application. */
export function systemOf(
  plan: Plan,
  application: Application,
  beside: { readonly companions: readonly Companion[]; readonly database: string },
): PlannedSystem {
  const tables = application.modules.flatMap(({ contract, tables: own }) =>
    own === undefined ? [] : [contract.name],
  )
  return { plan, calls: callsOf(plan, application), tables, ...beside }
}

/** Service → the services that it calls: those that host what its modules use, and for one that serves
 *  the public HTTP all of them. */
function callsOf(
  { services }: Plan,
  application: Application,
): Readonly<Record<string, readonly string[]>> {
  const uses = graphOf(application)
  const all = services.map(({ name }) => name)
  return Object.fromEntries(
    services.map((caller) => {
      const { name, runs } = caller
      const used = presentIn(caller).flatMap((module) => uses.get(module) ?? [])
      const hosts = services.filter((service) => used.some((use) => service.modules.includes(use)))
      const called = runs.includes('http') ? all : hosts.map((service) => service.name)
      return [name, called.filter((service) => service !== name)]
    }),
  )
}

/** Which server holds the data, without its secret: two plans with the same text share it. */
function describeDatabase({ database }: Plan, databaseUrl: string | undefined): string {
  if (database === undefined) return ''
  if (database.server === 'embedded' || databaseUrl === undefined) return 'embedded PostgreSQL'
  const { address } = createPostgresServer({ url: databaseUrl, applicationName: 'banyan' })
  return `PostgreSQL at ${address}`
}
