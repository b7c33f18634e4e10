import { asBanyanError } from '../../kernel/index.ts'
import { cliApplicationMissing } from '../errors.ts'

/** Rooms whose errors come from the environment: settings, ports, servers. */
const environmental = /^(RUNTIME|IDENTITY|POSTGRES|HTTP)_/

/** Whether editing a source could mend the error, so that `banyan dev` waits for a change instead of
 *  ending. Declarations, migrations and bugs are mended so; settings, ports and servers are not. */
export function isMendable(error: unknown): boolean {
  const { code, kind } = asBanyanError(error)
  if (cliApplicationMissing.is(error) || environmental.test(code)) return false
  return kind !== 'unavailable'
}
