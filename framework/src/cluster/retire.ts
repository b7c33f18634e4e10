import type { Fleet } from './fleet.ts'
import type { SlotKind } from './recorded-state.ts'
import type { Slot } from './slot.ts'
import { stopOrderOf } from './stop-order.ts'

/** Whether the gateway goes before the instances or after them. Before, when others serve in their
 *  place; after, when nobody does: it answers in order until the last of them has finished. */
export type GatewayTurn = 'first' | 'last'

/** Stops processes for good, in the order in which nobody misses them: callers before those whom they
 *  call; each is taken out of the directory and the gateway before it is told; companions and the
 *  database last. What does not end in its time is ended by force. */
export async function retire(
  fleet: Fleet,
  slots: readonly Slot[],
  gatewayTurn: GatewayTurn,
): Promise<void> {
  const of = (kind: SlotKind): readonly Slot[] => slots.filter((slot) => slot.kind === kind)
  if (gatewayTurn === 'first') await stopAll(of('gateway'))
  for (const wave of wavesOf(fleet, of('instance'))) {
    for (const { child } of wave) child?.drain()
    await fleet.gatewaySettled().catch((error: unknown) => fleet.warn(error))
    await stopAll(wave)
  }
  if (gatewayTurn === 'last') await stopAll(of('gateway'))
  await stopAll(of('companion'))
  await stopAll(of('postgres'))
  fleet.remove(slots)
  fleet.publish()
  fleet.record()
}

function wavesOf(fleet: Fleet, instances: readonly Slot[]): readonly (readonly Slot[])[] {
  const [first] = instances
  if (first === undefined) return []
  const { calls } = fleet.plans.get(first.plan)
  const services = instances.map(({ service }) => service ?? '')
  return stopOrderOf(services, calls).map((wave) =>
    instances.filter(({ service }) => wave.includes(service ?? '')),
  )
}

async function stopAll(slots: readonly Slot[]): Promise<void> {
  await Promise.all(slots.map((slot) => slot.stop()))
}
