import { listCertified } from '../../engines/authority/index.ts'
import { cliServicesMissing } from '../errors.ts'

/** The services that need a certificate: those that are named, else those that have one.
 *  @throws CLI_SERVICES_MISSING when that is none */
export async function certifiedServices(
  { services }: { readonly services?: string },
  folder: string,
): Promise<readonly string[]> {
  const named = services
    ?.split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  const found = named ?? (await listCertified(folder))
  if (found.length === 0) throw cliServicesMissing({ folder })
  return [...new Set(found)]
}
