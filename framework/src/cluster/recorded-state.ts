import { clusterStateUnreadable } from './errors.ts'
import type { ReadyReport } from './message.ts'
import { tryReadText, writeWhole } from './written-file.ts'

/** What a place of the plan is filled with. In this order they start, in the opposite one they stop. */
export type SlotKind = 'postgres' | 'companion' | 'gateway' | 'instance'

/** `current`: belongs to what runs. `incoming`: started for a change that is not decided yet.
 *  `outgoing`: the change was decided; it is being stopped. */
export type SlotRole = 'current' | 'incoming' | 'outgoing'

/** A process as it is remembered. */
export interface RecordedChild {
  readonly id: string
  /** What it proves itself with on the control socket. */
  readonly secret: string
  /** The plan that it was started with. */
  readonly plan: number
  /** Wall clock, for people. */
  readonly startedAtMs: number
  /** Undefined between the intention and the start. */
  readonly pid?: number
  /** As in `ProcessIdentity`. */
  readonly started?: string
  readonly report?: ReadyReport
}

/** A place of the plan as it is remembered. */
export interface RecordedSlot {
  /** `sales-2`, `postgres`, `gateway`, `companion-psp` */
  readonly name: string
  readonly kind: SlotKind
  /** Of an instance. */
  readonly service?: string
  readonly role: SlotRole
  /** The plan that the next process of it is started with. */
  readonly plan: number
  readonly restarts: number
  readonly child?: RecordedChild
}

/** What a supervisor must not forget: with it the next one goes on where this one was killed. */
export interface RecordedState {
  readonly format: 1
  /** Of the socket that processes and commands talk to. */
  readonly control: string
  /** The newest generation that was given to an instance. */
  readonly generation: number
  /** The plan that runs. Decided changes are changes of this number. */
  readonly plan: number
  /** The plan before it, to go back to. */
  readonly previousPlan: number | undefined
  /** Whether migrations and seeds of the plan that runs were done. */
  readonly isPrepared: boolean
  /** Plan → the circle that its instances find each other in. */
  readonly circles: Readonly<Record<string, number>>
  readonly slots: readonly RecordedSlot[]
}

/** The recorded state, or undefined where none was left.
 *  @throws CLUSTER_STATE_UNREADABLE */
export function tryReadState(file: string): RecordedState | undefined {
  const text = tryReadText(file)
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw clusterStateUnreadable({ file, cause: 'it is not JSON' }, { cause: error })
  }
  const state = value as Partial<RecordedState> | null
  if (state?.format !== 1 || !Array.isArray(state.slots)) {
    throw clusterStateUnreadable({ file, cause: 'it is not of format 1' })
  }
  return state as RecordedState
}

export function writeState(file: string, state: RecordedState): void {
  writeWhole(file, JSON.stringify(state, undefined, 2))
}
