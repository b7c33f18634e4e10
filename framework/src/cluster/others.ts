import { type Clock, sleep } from '../kernel/index.ts'
import { isAlive } from './launcher.ts'
import { type SlotKind, tryReadState } from './recorded-state.ts'

const pollMs = 100

/** Whom a process waits for before it ends on its own: those who may still need it. */
const usersOf: Readonly<Record<SlotKind, readonly SlotKind[]>> = {
  instance: [],
  gateway: ['instance'],
  companion: ['instance', 'gateway'],
  postgres: ['instance', 'gateway', 'companion'],
}

/** Waits until the recorded processes that may need one of this kind have ended, at most `timeoutMs`:
 *  abandoned by their supervisor, processes still end in order. */
export async function waitForOthers(
  clock: Clock,
  options: {
    readonly stateFile: string
    readonly kind: SlotKind
    readonly timeoutMs: number
  },
): Promise<void> {
  const { stateFile, kind, timeoutMs } = options
  const endMs = clock.monotonicMs() + timeoutMs
  while (clock.monotonicMs() < endMs && (await isNeeded(stateFile, kind))) {
    await sleep(clock, pollMs)
  }
}

async function isNeeded(stateFile: string, kind: SlotKind): Promise<boolean> {
  const { slots } = tryReadState(stateFile) ?? { slots: [] }
  for (const slot of slots) {
    if (!usersOf[kind].includes(slot.kind) || slot.child === undefined) continue
    if (await isAlive(slot.child)) return true
  }
  return false
}
