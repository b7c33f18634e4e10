import type { ServerOptions } from 'node:https'
import { isIP } from 'node:net'
import { connect, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls'
import type { BanyanError } from '../kernel/index.ts'
import { remotePeerRefused } from './errors.ts'
import type { InstanceAddress } from './port.ts'
import type { TlsMaterial } from './tls.ts'

const namePattern = /^[a-z0-9](?:[a-z0-9._-]{0,62})$/i

/** What certificates call a service: a SPIFFE id, whose trust domain is the application. */
export function formatSpiffeId(application: string, service: string): string {
  return `spiffe://${application}/${service}`
}

/** The service that a certificate names, or why it names none.
 *  @param names  The subject alternative names, as `X509Certificate.subjectAltName` writes them. */
export function serviceOfCertificate(
  names: string | undefined,
  application: string,
): { readonly service: string } | { readonly cause: string } {
  if (names === undefined || names === '') return { cause: 'its certificate names no SPIFFE id' }
  // Node quotes names that could be read as several; no SPIFFE id needs that
  if (names.includes('"')) return { cause: 'its certificate has a name that needs quotes' }
  const uris = names.split(', ').filter((name) => name.startsWith('URI:'))
  const [uri, ...more] = uris
  if (uri === undefined) return { cause: 'its certificate names no SPIFFE id' }
  if (more.length > 0) return { cause: 'its certificate names more than one URI' }
  const prefix = `URI:${formatSpiffeId(application, '')}`
  const service = uri.startsWith(prefix) ? uri.slice(prefix.length) : ''
  if (!namePattern.test(service)) {
    return { cause: `its certificate is of ${uri.slice(4)}, not of ${application}` }
  }
  return { service }
}

/** What a client needs for mutual TLS 1.3 with an instance of a service and nobody else: its SPIFFE
 *  id counts, host names do not. */
export function clientTlsOptions(
  material: TlsMaterial,
  peer: { readonly application: string; readonly service: string },
): ConnectionOptions {
  return {
    ...material,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true,
    checkServerIdentity: (_host, certificate) => refusalOf(certificate, peer),
  }
}

/** Connects with mutual TLS. */
export function connectTls(
  { endpoint, service }: InstanceAddress,
  material: TlsMaterial,
  application: string,
): TLSSocket {
  const options = clientTlsOptions(material, { application, service })
  if (endpoint.kind === 'unix') return connect({ ...options, path: endpoint.path, servername: '' })
  const { host, port } = endpoint
  // an IP address is no legal name to ask for
  const named = isIP(host) === 0 ? {} : { servername: '' }
  return connect({ ...options, ...named, host, port }).setNoDelay(true)
}

function refusalOf(
  certificate: PeerCertificate,
  { application, service }: { readonly application: string; readonly service: string },
): BanyanError | undefined {
  const found = serviceOfCertificate(certificate.subjectaltname, application)
  const peer = `an instance of ${service}`
  if ('cause' in found) return remotePeerRefused({ peer, cause: found.cause })
  if (found.service === service) return undefined
  return remotePeerRefused({ peer, cause: `it is an instance of ${found.service}` })
}

/** What a listener with mutual TLS 1.3 needs. */
export function serverTlsOptions(material: TlsMaterial): ServerOptions {
  return { ...material, minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: true }
}
