import { authorityNameInvalid } from './errors.ts'

/** Longest name of a service: a label of a host name. */
const serviceRule = /^[a-z][a-z0-9-]{0,62}$/
/** A trust domain of SPIFFE. */
const applicationRule = /^[a-z0-9][a-z0-9._-]{0,62}$/

/** The SPIFFE name of a service, `spiffe://shop/sales`, or of the application's authority itself,
 *  `spiffe://shop`. It is what peers check; certificates carry no host names.
 *  @throws AUTHORITY_NAME_INVALID
 *  Source: SPIFFE-ID and X509-SVID specifications. */
export function spiffeNameOf(application: string, service?: string): string {
  if (!applicationRule.test(application)) {
    const rule = 'lower case letters, digits, ".", "_" and "-", at most 63'
    throw authorityNameInvalid({ name: application, role: 'an application', rule })
  }
  if (service === undefined) return `spiffe://${application}`
  if (!serviceRule.test(service)) {
    const rule = 'lower case letters, digits and "-", at most 63, a letter first'
    throw authorityNameInvalid({ name: service, role: 'a service', rule })
  }
  if (service === 'authority') {
    const rule = "the authority's own files have that name"
    throw authorityNameInvalid({ name: service, role: 'a service', rule })
  }
  return `spiffe://${application}/${service}`
}
