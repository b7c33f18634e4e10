import { type Application, graphOf, type UseGraph } from '../module/index.ts'
import type { Plan, PlannedService } from './plan.ts'
import type { Reach } from './plan-diff.ts'
import { presentIn } from './tables.ts'

/** How callers in these services reach a module. A service that has it calls it in its own process. */
export function reachOf(callers: readonly PlannedService[], module: string): Reach {
  const local = callers.filter(({ modules }) => modules.includes(module)).length
  if (local === callers.length) return 'local'
  return local === 0 ? 'remote' : 'mixed'
}

/** The services that run a module. */
export function hostsOf({ services }: Plan, module: string): readonly PlannedService[] {
  return services.filter(({ modules }) => modules.includes(module))
}

/** The services that serve the public HTTP. */
export function httpServicesOf({ services }: Plan): readonly PlannedService[] {
  return services.filter(({ runs }) => runs.includes('http'))
}

/** Operations of each module that have a route. */
export function publicOperationsOf({ modules }: Application): ReadonlyMap<string, number> {
  return new Map(
    modules.map(({ contract }) => {
      const open = Object.values(contract.operations).filter(({ http }) => http !== undefined)
      return [contract.name, open.length] as const
    }),
  )
}

/** Uses that a request to the module may run into and that cross processes, nearest first. */
export function crossingsOf(plan: Plan, graph: UseGraph, module: string): readonly string[] {
  const crossings: string[] = []
  const seen = new Set([module])
  for (const user of seen) {
    for (const used of graph.get(user) ?? []) {
      if (reachOf(hostsOf(plan, user), used) !== 'local') crossings.push(`${user} → ${used}`)
      // A set that grows is walked to its end.
      seen.add(used)
    }
  }
  return crossings
}

/** Connections between instances, at most: each opens some to every instance of another service that
 *  has a module which it calls and does not have itself. */
export function linksOf(plan: Plan, application: Application): number {
  const graph = graphOf(application)
  const open = [...publicOperationsOf(application)].flatMap(([name, count]) =>
    count > 0 ? [name] : [],
  )
  let pairs = 0
  for (const caller of plan.services) {
    const called = new Set(presentIn(caller).flatMap((module) => graph.get(module) ?? []))
    if (caller.runs.includes('http')) for (const module of open) called.add(module)
    const foreign = [...called].filter((module) => !caller.modules.includes(module))
    const callees = plan.services.filter(({ modules }) =>
      foreign.some((module) => modules.includes(module)),
    )
    for (const { instances } of callees) pairs += caller.instances * instances
  }
  return pairs * plan.calls.connections
}
