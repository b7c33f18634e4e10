import { callOverloaded } from '../call/index.ts'
import type { ErrorDefinition } from '../kernel/index.ts'
import { remoteConnectionFull, remoteDraining } from './errors.ts'

/** An encoded error as the road reads it, without decoding the whole. */
export interface Refusal {
  readonly code: string
  readonly isDraining: boolean
  /** An error of the road itself. Our own callers hear it in other words: they would take it for a
   *  refusal by us. */
  readonly isOfRoad: boolean
  /** It says that nothing was done: true of this attempt, but not of one that was lost before. Never
   *  said of a declared failure: a handler concluded it, knowing what its key had done before. */
  readonly isNotDone: boolean
}

const startOf = ({ code }: Pick<ErrorDefinition, 'code'>): string => `{"code":"${code}",`

const refusals = [callOverloaded, remoteConnectionFull, remoteDraining].map(startOf)

/** Whether the callee says that it did not take the call, so that another instance may. Cheap: most
 *  errors are declared failures. */
export function isRefusal(error: string): boolean {
  return refusals.some((start) => error.startsWith(start))
}

const head = /^\{"code":"([A-Z0-9_]+)"(,"kind":"(?:unavailable|exhausted)","message")?/

export function readRefusal(error: string): Refusal {
  const [, code = '', notDone] = head.exec(error) ?? []
  return {
    code,
    isDraining: code === remoteDraining.code,
    isOfRoad: code === remoteDraining.code || code === remoteConnectionFull.code,
    isNotDone: notDone !== undefined,
  }
}
