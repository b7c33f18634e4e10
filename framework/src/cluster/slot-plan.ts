import type { Plan, PlannedService } from '../topology/index.ts'
import type { PlannedSystem } from './planned-system.ts'
import type { SlotKind } from './recorded-state.ts'

/** A place of a plan that a process is to fill. */
export interface PlannedSlot {
  /** `sales-2`, `postgres`, `gateway`, `companion-psp` */
  readonly name: string
  readonly kind: SlotKind
  /** Of an instance. */
  readonly service?: string
  /** Everything that a process of it depends on: with the same text, the one that runs may stay. */
  readonly definition: string
  /** Of an instance that serves the public HTTP. */
  readonly http?: { readonly host: string; readonly port: number }
}

/** The places of a plan, in the order in which they are started. Pure. */
export function slotsOf(system: PlannedSystem): readonly PlannedSlot[] {
  const { plan, companions } = system
  return [
    ...(plan.database?.server === 'embedded' ? [postgresSlot] : []),
    ...companions.map(({ name }): PlannedSlot => {
      const slot = `companion-${name}`
      return { name: slot, kind: 'companion', definition: slot }
    }),
    ...instanceSlots(plan),
    ...(plan.gateway === undefined ? [] : [gatewaySlot]),
  ]
}

const postgresSlot: PlannedSlot = { name: 'postgres', kind: 'postgres', definition: 'postgres' }
/** One gateway stays: it is told of a new plan instead of being replaced. */
const gatewaySlot: PlannedSlot = { name: 'gateway', kind: 'gateway', definition: 'gateway' }

/** Instances that find and call each other: those of plans with the same text here. Others stand side
 *  by side without knowing of each other, for they disagree on who hosts what, or on how to call. */
export function circleKeyOf({ application, calls, services }: Plan): string {
  const hosts = services.map(({ name, modules, runs }) => ({ name, modules, runs }))
  return JSON.stringify({ application, calls, hosts })
}

/** Where clients reach the public HTTP: what must be free, or ours, before a plan can start. */
export function publicAddressesOf(
  plan: Plan,
): readonly { readonly host: string; readonly port: number }[] {
  if (plan.gateway !== undefined) return [plan.listen]
  return instanceSlots(plan).flatMap(({ http }) => (http === undefined ? [] : [http]))
}

function instanceSlots(plan: Plan): readonly PlannedSlot[] {
  let servers = 0
  return plan.services.flatMap((service) =>
    Array.from({ length: service.instances }, (_, index): PlannedSlot => {
      const http = service.runs.includes('http') ? addressOf(plan, servers++) : undefined
      return {
        name: `${service.name}-${index + 1}`,
        kind: 'instance',
        service: service.name,
        definition: definitionOf(plan, service, http),
        ...(http === undefined ? {} : { http }),
      }
    }),
  )
}

/** Behind a gateway instances take any port of the loopback interface; without one the first has the
 *  public port, and the others those after it. */
function addressOf(plan: Plan, ordinal: number): { readonly host: string; readonly port: number } {
  if (plan.gateway !== undefined) return { host: '127.0.0.1', port: 0 }
  const { host, port } = plan.listen
  return { host, port: port === 0 ? 0 : port + ordinal }
}

function definitionOf(
  plan: Plan,
  service: PlannedService,
  http: { readonly host: string; readonly port: number } | undefined,
): string {
  const { inFlightMax, name, pool } = service
  const { database, drain, timeouts } = plan
  const circle = circleKeyOf(plan)
  return JSON.stringify({ name, inFlightMax, pool, database, drain, timeouts, http, circle })
}
