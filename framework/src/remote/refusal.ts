import { callOverloaded } from '../call/index.ts'
import type { ErrorDefinition } from '../kernel/index.ts'
import { remoteConnectionFull, remoteDraining } from './errors.ts'

/** An encoded error as the road reads it, without decoding the whole. */
export interface Refusal {
  readonly isDraining: boolean
  /** It says that nothing was done: true of this attempt, but not of one that was lost before. */
  readonly isNotDone: boolean
}

const startOf = ({ code }: Pick<ErrorDefinition, 'code'>): string => `{"code":"${code}",`

const draining = startOf(remoteDraining)
const full = [startOf(callOverloaded), startOf(remoteConnectionFull)] as const

/** Whether the callee says that it did not take the call, so that another instance may. Cheap: most
 *  errors are declared failures. */
export function isRefusal(error: string): boolean {
  return error.startsWith(draining) || full.some((start) => error.startsWith(start))
}

const head = /^\{"code":"[A-Z0-9_]+","kind":"(unavailable|exhausted)"/

export function readRefusal(error: string): Refusal {
  return { isDraining: error.startsWith(draining), isNotDone: head.test(error) }
}
