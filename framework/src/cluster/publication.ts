import type { InstanceAddress } from '../remote/index.ts'
import { DirectoryFile } from './directory-file.ts'
import type { GatewayControl } from './gateway-control.ts'
import type { GatewayInstance } from './message.ts'
import type { PlanStore } from './plan-store.ts'
import { directoryFileOf, planFileOf, type RunFolder } from './run-folder.ts'
import type { Slot } from './slot.ts'

/** What is to be told of the slots. */
export interface Published {
  readonly slots: readonly Slot[]
  /** Plan → circle. */
  readonly circles: ReadonlyMap<number, number>
  /** The plan that the gateway follows, where there is one. */
  readonly gatewayPlan: number | undefined
  /** Whether incoming instances take part already. */
  readonly isJoined: boolean
}

/** Tells instances where their peers are, and the gateway where requests may go. An instance is told of
 *  while it serves and no longer: its end takes it out at once. */
export class Publication {
  readonly #folder: RunFolder
  readonly #plans: PlanStore
  readonly #gateway: GatewayControl
  readonly #directories = new Map<number, DirectoryFile>()

  constructor(folder: RunFolder, plans: PlanStore, gateway: GatewayControl) {
    this.#folder = folder
    this.#plans = plans
    this.#gateway = gateway
  }

  /** Tells of the slots as they are now; does nothing where nothing changed. */
  publish(published: Published): void {
    const ready = published.slots.filter(({ kind, isReady }) => kind === 'instance' && isReady)
    const byCircle = new Map<number, InstanceAddress[]>()
    for (const circle of published.circles.values()) byCircle.set(circle, [])
    for (const slot of ready) {
      const circle = published.circles.get(slot.child?.plan ?? slot.plan)
      const address = this.#addressOf(slot)
      if (circle === undefined || address === undefined) continue
      if (takesPart(slot, published, circle)) byCircle.get(circle)?.push(address)
    }
    for (const [circle, instances] of byCircle) this.#directoryOf(circle).write(instances)
    if (published.gatewayPlan === undefined) return
    this.#gateway.order({
      planFile: planFileOf(this.#folder, published.gatewayPlan),
      instances: ready.flatMap((slot) => this.#gatewayInstanceOf(slot, published)),
    })
  }

  /** Instances that have the public port themselves are not behind the gateway, which shares it with
   *  them for a moment. While the gateway itself is on its way out, those behind it stay. */
  #gatewayInstanceOf(slot: Slot, { isJoined, slots }: Published): readonly GatewayInstance[] {
    const { child, role } = slot
    if (child?.report?.url === undefined || (role === 'incoming' && !isJoined)) return []
    if (this.#plans.get(child.plan).plan.gateway === undefined) return []
    const { hostname, port } = new URL(child.report.url)
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    const isLeaving = slots.some((other) => other.kind === 'gateway' && other.role === 'outgoing')
    const state = role === 'outgoing' && !isLeaving ? 'drain' : 'ready'
    return [{ id: child.id, address: { host, port: Number(port) }, state }]
  }

  #directoryOf(circle: number): DirectoryFile {
    const known = this.#directories.get(circle)
    if (known !== undefined) return known
    const made = new DirectoryFile(directoryFileOf(this.#folder, circle))
    this.#directories.set(circle, made)
    return made
  }

  #addressOf({ child, service, plan }: Slot): InstanceAddress | undefined {
    const endpoint = child?.report?.peers
    if (child === undefined || endpoint === undefined || service === undefined) return undefined
    const { services } = this.#plans.get(child.plan ?? plan).plan
    const modules = services.find(({ name }) => name === service)?.modules ?? []
    return { id: child.id, service, modules, endpoint }
  }
}

/** Incoming instances of a new circle find each other at once, for nobody else looks there; those of
 *  the circle that runs wait until all of them serve. */
function takesPart({ role }: Slot, published: Published, circle: number): boolean {
  return role !== 'incoming' || published.isJoined || !isOfCurrent(published, circle)
}

function isOfCurrent({ slots, circles }: Published, circle: number): boolean {
  return slots.some(({ role, plan }) => role === 'current' && circles.get(plan) === circle)
}
