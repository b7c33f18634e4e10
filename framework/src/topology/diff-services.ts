import type { Plan, PlannedService } from './plan.ts'
import type { Change, ServiceDiff } from './plan-diff.ts'

/** Services that differ, in the order of the new plan; those that go come last. */
export function diffServices(plans: Change<Plan>): readonly ServiceDiff[] {
  const { from, to } = plans
  const names = new Set([...to.services, ...from.services].map(({ name }) => name))
  return [...names].flatMap((name) => diffService(name, plans) ?? [])
}

function diffService(service: string, plans: Change<Plan>): ServiceDiff | undefined {
  const { from, to } = plans
  const before = from.services.find(({ name }) => name === service)
  const after = to.services.find(({ name }) => name === service)
  const instances = { from: before?.instances ?? 0, to: after?.instances ?? 0 }
  const found = { service, instances, causes: [] }
  if (before === undefined) return { ...found, change: 'added' }
  if (after === undefined) return { ...found, change: 'removed' }
  const causes = [...ownCauses(before, after), ...commonCauses(plans, after)]
  if (causes.length > 0) return { ...found, change: 'replaced', causes }
  return instances.from === instances.to ? undefined : { ...found, change: 'scaled' }
}

/** What of the service itself a running instance cannot take over. */
function ownCauses(before: PlannedService, after: PlannedService): readonly string[] {
  const values = (service: PlannedService): Readonly<Record<string, unknown>> => ({
    // Their order decides nothing.
    modules: [...service.modules].sort(),
    runs: service.runs,
    inFlightMax: service.inFlightMax,
    'pool.readers': service.pool.readers,
    'pool.transactions': service.pool.transactions,
  })
  const path = `services.${after.name}`
  return differing({ from: values(before), to: values(after) }).map((key) => `${path}.${key}`)
}

/** What of the rest of the plan a running instance cannot take over. */
function commonCauses(plans: Change<Plan>, { runs }: PlannedService): readonly string[] {
  const values = (plan: Plan): Readonly<Record<string, unknown>> => ({
    application: plan.application,
    'database.server': plan.database?.server,
    'calls.carrier': plan.calls.carrier,
    'calls.transport': plan.calls.transport,
    'calls.mtls': plan.calls.mtls,
    'calls.connections': plan.calls.connections,
    'drain.noticeMs': plan.drain.noticeMs,
    'drain.deadlineMs': plan.drain.deadlineMs,
    ...(runs.includes('http') ? listenerOf(plan) : {}),
  })
  return differing({ from: values(plans.from), to: values(plans.to) })
}

/** Behind a gateway an instance listens where the gateway is told to look; without one, in public. */
function listenerOf({ gateway, listen }: Plan): Readonly<Record<string, unknown>> {
  if (gateway !== undefined) return { gateway: true }
  return { gateway: false, 'listen.host': listen.host, 'listen.port': listen.port }
}

function differing({ from, to }: Change<Readonly<Record<string, unknown>>>): readonly string[] {
  const keys = new Set([...Object.keys(from), ...Object.keys(to)])
  return [...keys].filter((key) => JSON.stringify(from[key]) !== JSON.stringify(to[key]))
}
