import { printAddress, type PlannedServer } from './gateway-state.ts'

/** The backend that all instances are in. */
export const backendName = 'instances'

/** How an instance is watched. The same words stand behind `server` in the file and behind
 *  `add server` of the runtime API, which knows no `default-server`.
 *  - `/readyz` is asked every `inter`; a first bad answer and every moment of being down ask faster.
 *  - A connection that an instance refuses marks it down at once, before any check notices; one good
 *    check brings it back. A request that was refused is repeated elsewhere, so nobody sees it.
 *  - Idle connections to an instance are halved every 5 s: none is nearly as old as the 65 s after
 *    which an instance closes it, so the gateway is always the one to close. */
export function watchWords(checkEveryMs: number): readonly string[] {
  const fastMs = Math.min(checkEveryMs, Math.max(50, Math.min(1_000, Math.round(checkEveryMs / 5))))
  return [
    'check',
    ...['inter', `${checkEveryMs}ms`, 'fastinter', `${fastMs}ms`, 'downinter', `${fastMs}ms`],
    ...['fall', '2', 'rise', '1'],
    ...['observe', 'layer4', 'error-limit', '1', 'on-error', 'mark-down'],
    ...['pool-purge-delay', '5s'],
  ]
}

/** The words behind `server` in a file. One that drains has no weight there: after a reload it gets
 *  nothing even before the runtime API has said so. */
export function serverWords(server: PlannedServer, checkEveryMs: number): readonly string[] {
  const { id, host, port, isDraining, weight } = server
  const words = watchWords(checkEveryMs)
  return [id, printAddress(host, port), ...words, 'weight', String(isDraining ? 0 : weight)]
}
