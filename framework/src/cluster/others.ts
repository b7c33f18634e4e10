import { rm } from 'node:fs/promises'
import path from 'node:path'
import { type Clock, sleep } from '../kernel/index.ts'
import { FolderLock } from '../process/index.ts'
import { isAlive } from './launcher.ts'
import type { Orders } from './orders.ts'
import { type SlotKind, tryReadState } from './recorded-state.ts'

const pollMs = 100
const othersTimeoutMs = 60_000

/** Whom a process waits for before it ends on its own: those who may still need it. */
const usersOf: Readonly<Record<SlotKind, readonly SlotKind[]>> = {
  instance: [],
  gateway: ['instance'],
  companion: ['instance', 'gateway'],
  postgres: ['instance', 'gateway', 'companion'],
}

/** Ends what is left to do for a process that its supervisor abandoned: waits until those have ended
 *  that may need it, at most 60 s, so that also without a supervisor everything ends in order; then
 *  removes the socket that nobody listens on any more. */
export async function endAbandoned(clock: Clock, kind: SlotKind, orders: Orders): Promise<void> {
  const endMs = clock.monotonicMs() + othersTimeoutMs
  while (clock.monotonicMs() < endMs && (await isNeeded(orders.stateFile, kind))) {
    await sleep(clock, pollMs)
  }
  await removeSocket(orders)
}

/** Only under the right to supervise: a supervisor that was just started listens there. */
async function removeSocket({ stateFile, lifeline }: Orders): Promise<void> {
  const refuse = (): Error => new Error('somebody supervises')
  const taken = FolderLock.acquire(path.join(path.dirname(stateFile), 'lock'), {
    inUse: refuse,
    unusable: refuse,
  })
  const lock = await taken.catch(() => undefined)
  if (lock === undefined) return
  await rm(lifeline.control, { force: true })
  await lock.release()
}

async function isNeeded(stateFile: string, kind: SlotKind): Promise<boolean> {
  const { slots } = tryReadState(stateFile) ?? { slots: [] }
  for (const slot of slots) {
    if (!usersOf[kind].includes(slot.kind) || slot.child === undefined) continue
    if (await isAlive(slot.child)) return true
  }
  return false
}
