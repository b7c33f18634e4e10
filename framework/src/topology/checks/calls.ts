import { topologyMtlsUnsupported } from '../errors.ts'
import type { CheckScope } from './check-scope.ts'

/** The chosen ways of calling fit together. */
export function checkCalls({ plan, problems }: CheckScope): void {
  const { mtls, transport } = plan.calls
  if (!mtls || transport === 'tcp') return
  const paths = ['calls.mtls', 'calls.transport']
  problems.addBetween(topologyMtlsUnsupported({ path: 'calls.mtls', transport }), paths)
}
