import { type Application, graphOf } from '../module/index.ts'
import { connectionsOf, connectionsPerInstance } from './connections.ts'
import { diffServices } from './diff-services.ts'
import type { Plan } from './plan.ts'
import type {
  Change,
  ConnectionsDiff,
  Leaf,
  ModuleMove,
  PlanDiff,
  RequestDiff,
  ServiceDiff,
  SettingDiff,
  UseDiff,
} from './plan-diff.ts'
import {
  crossingsOf,
  hostsOf,
  httpServicesOf,
  linksOf,
  publicOperationsOf,
  reachOf,
} from './reach.ts'

/** Says what changing a running application from one plan to the other does. Pure.
 *  @param application  the one of both plans: its uses and operations decide what becomes remote. */
export function diffPlans(from: Plan, to: Plan, application: Application): PlanDiff {
  const plans = { from, to }
  const services = diffServices(plans)
  return {
    topologies: { from: from.topology, to: to.topology },
    services,
    modules: diffModules(plans, application),
    uses: diffUses(plans, application),
    requests: diffRequests(plans, application),
    settings: diffSettings(plans),
    connections: diffConnections(plans, application, services),
    links: { from: linksOf(from, application), to: linksOf(to, application) },
    sourceFiles: 0,
  }
}

/** Whether nothing has to be done to get from one plan to the other. */
export function isSamePlan({ services, modules, uses, requests, settings }: PlanDiff): boolean {
  return [services, modules, uses, requests, settings].every(({ length }) => length === 0)
}

function diffModules({ from, to }: Change<Plan>, { modules }: Application): readonly ModuleMove[] {
  const names = (plan: Plan, module: string): readonly string[] =>
    hostsOf(plan, module).map(({ name }) => name)
  return modules
    .map(({ contract: { name } }) => ({
      module: name,
      from: names(from, name),
      to: names(to, name),
    }))
    .filter((move) => String([...move.from].sort()) !== String([...move.to].sort()))
}

function diffUses({ from, to }: Change<Plan>, application: Application): readonly UseDiff[] {
  return [...graphOf(application)].flatMap(([user, uses]) =>
    uses
      .map((used) => ({
        user,
        used,
        from: reachOf(hostsOf(from, user), used),
        to: reachOf(hostsOf(to, user), used),
      }))
      .filter((use) => use.from !== use.to),
  )
}

function diffRequests(plans: Change<Plan>, application: Application): readonly RequestDiff[] {
  const graph = graphOf(application)
  return [...publicOperationsOf(application)].flatMap(([module, operations]) => {
    if (operations === 0) return []
    const entry = both(plans, (plan) => reachOf(httpServicesOf(plan), module))
    const crossings = both(plans, (plan) => crossingsOf(plan, graph, module))
    const isSame = entry.from === entry.to && String(crossings.from) === String(crossings.to)
    return isSame ? [] : [{ module, operations, entry, crossings }]
  })
}

function both<Value>({ from, to }: Change<Plan>, of: (plan: Plan) => Value): Change<Value> {
  return { from: of(from), to: of(to) }
}

function diffSettings(plans: Change<Plan>): readonly SettingDiff[] {
  const { from, to } = both(plans, (plan) => leavesOf(settingsOf(plan)))
  const paths = new Set([...from.keys(), ...to.keys()])
  return [...paths]
    .map((path) => ({ path, from: from.get(path), to: to.get(path) }))
    .filter((setting) => setting.from !== setting.to)
}

/** What a plan says outside of its services. */
function settingsOf(plan: Plan): object {
  const { application, database, calls, gateway, messages, listen, drain, timeouts } = plan
  const availability = plan.availability ?? false
  return { application, database, calls, gateway, messages, listen, drain, timeouts, availability }
}

function leavesOf(value: object, path = ''): ReadonlyMap<string, Leaf> {
  const leaves = new Map<string, Leaf>()
  for (const [key, inner] of Object.entries(value) as [string, Leaf | object | undefined][]) {
    if (typeof inner === 'object') {
      for (const [below, leaf] of leavesOf(inner, `${path}${key}.`)) leaves.set(below, leaf)
    } else if (inner !== undefined) leaves.set(path + key, inner)
  }
  return leaves
}

function diffConnections(
  plans: Change<Plan>,
  application: Application,
  services: readonly ServiceDiff[],
): ConnectionsDiff {
  const { database } = plans.to
  return {
    ...both(plans, (plan) => connectionsOf(plan, application)),
    sideBySide: sideBySideOf(plans, application, services),
    limit: database?.connectionsMax ?? 0,
    reserved: database?.connectionsReserved ?? 0,
  }
}

/** Old instances that go stay until the new ones serve; those that are kept count once. */
function sideBySideOf(
  { from, to }: Change<Plan>,
  application: Application,
  services: readonly ServiceDiff[],
): number {
  const after = to.services.reduce((sum, service) => {
    const { change, instances } = services.find((diff) => diff.service === service.name) ?? {}
    const isScaledDown = change === 'scaled' && instances !== undefined
    const count = isScaledDown ? Math.max(instances.from, instances.to) : service.instances
    return sum + count * connectionsPerInstance(service, application)
  }, 0)
  const going = from.services.filter(({ name }) => {
    const change = services.find(({ service }) => service === name)?.change
    return change === 'removed' || change === 'replaced'
  })
  return going.reduce(
    (sum, service) => sum + service.instances * connectionsPerInstance(service, application),
    after,
  )
}
