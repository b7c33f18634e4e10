import { readFileSync } from 'node:fs'
import type { RollOutPlan } from './roll-out-plan.ts'

const switchFile = '/proc/sys/net/ipv4/tcp_migrate_req'

/** What to know before the public port passes from one process to another: Linux resets connections that
 *  are just being made to the one that closes, unless it may give them to the other.
 *  @returns undefined where nothing is to be said */
export function handOverAdvice({ start }: RollOutPlan): string | undefined {
  const takes = start.some(({ kind, http }) => kind === 'gateway' || (http?.port ?? 0) !== 0)
  if (!takes || readSwitch() !== '0') return undefined
  return 'the public port passes to another process: connections made in that very moment may be reset (sysctl net.ipv4.tcp_migrate_req=1 prevents it)'
}

function readSwitch(): string {
  try {
    return readFileSync(switchFile, 'utf8').trim()
  } catch {
    return ''
  }
}
