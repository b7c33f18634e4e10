import type { Serving } from './event.ts'
import type { Fleet } from './fleet.ts'

/** What is said when everything of a fleet's plan serves. */
export function servingOf(fleet: Fleet, how: Serving['how']): Serving {
  const { plan } = fleet.plans.get(fleet.numbers.plan)
  const current = fleet.slots.filter(({ role }) => role === 'current')
  const urlsOf = (kind: 'gateway' | 'instance'): readonly string[] =>
    current.flatMap((slot) => (slot.kind === kind ? (slot.child?.report?.url ?? []) : []))
  const gateways = urlsOf('gateway')
  const services = plan.services.map(({ name, instances }) => [name, instances] as const)
  return {
    application: plan.application,
    topology: plan.topology,
    urls: gateways.length > 0 ? gateways : urlsOf('instance'),
    services: Object.fromEntries(services),
    beside: current
      .filter(({ kind }) => kind !== 'instance')
      .map(({ name, child }) => child?.report?.label ?? name),
    how,
  }
}
