import { generateKeyPair, type KeyObject, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import type { Random } from '../../kernel/index.ts'
import { backdatedMs, expiryMs, type Pair } from './certificate.ts'
import { spiffeNameOf } from './names.ts'

type Library = typeof import('@peculiar/x509')

/** What every signature needs. */
export interface Signing {
  readonly application: string
  readonly nowMs: number
  readonly random: Random
}

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signature = { ...curve, hash: 'SHA-256' } as const
const serialBytes = 16
export const authorityLifetimeMs: number = 365 * 86_400_000

const makeKeys = promisify(generateKeyPair)

/** Loaded when something is signed: it costs 65 ms, and it needs metadata on the global `Reflect`. */
async function loadLibrary(): Promise<Library> {
  await import('reflect-metadata')
  return await import('@peculiar/x509')
}

/** A new authority: its own certificate, and the key that it will sign with. */
export async function makeAuthority({ application, nowMs, random }: Signing): Promise<Pair> {
  const library = await loadLibrary()
  const { publicKey, privateKey } = await makeKeys('ec', { namedCurve: 'P-256' })
  const { KeyUsageFlags } = library
  const made = await library.X509CertificateGenerator.createSelfSigned({
    name: [{ O: [application] }, { CN: ['authority'] }],
    keys: {
      publicKey: publicKey.toCryptoKey(curve, true, ['verify']),
      privateKey: privateKey.toCryptoKey(curve, false, ['sign']),
    },
    signingAlgorithm: signature,
    serialNumber: drawSerial(random),
    notBefore: new Date(nowMs - backdatedMs),
    notAfter: new Date(nowMs + authorityLifetimeMs),
    extensions: [
      new library.BasicConstraintsExtension(true, 0, true),
      new library.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      nameExtension(library, spiffeNameOf(application)),
      await library.SubjectKeyIdentifierExtension.create(encode(publicKey)),
    ],
  })
  return { certificate: new X509Certificate(made.toString('pem')), key: privateKey }
}

/** A service's certificate with a key of its own. It ends with the authority's at the latest. */
export async function makeServiceCertificate(
  authority: Pair,
  service: string,
  { application, nowMs, random, lifetimeMs }: Signing & { readonly lifetimeMs: number },
): Promise<Pair> {
  const library = await loadLibrary()
  const { publicKey, privateKey } = await makeKeys('ec', { namedCurve: 'P-256' })
  const { ExtendedKeyUsage, KeyUsageFlags } = library
  const issuer = new library.X509Certificate(authority.certificate.raw)
  const made = await library.X509CertificateGenerator.create({
    subject: [{ O: [application] }, { CN: [service] }],
    issuer: issuer.subjectName,
    publicKey: publicKey.toCryptoKey(curve, true, ['verify']),
    signingKey: authority.key.toCryptoKey(curve, false, ['sign']),
    signingAlgorithm: signature,
    serialNumber: drawSerial(random),
    notBefore: new Date(nowMs - backdatedMs),
    notAfter: new Date(Math.min(nowMs + lifetimeMs, expiryMs(authority.certificate))),
    extensions: [
      new library.BasicConstraintsExtension(false, undefined, true),
      new library.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new library.ExtendedKeyUsageExtension([
        ExtendedKeyUsage.serverAuth,
        ExtendedKeyUsage.clientAuth,
      ]),
      nameExtension(library, spiffeNameOf(application, service)),
      await library.SubjectKeyIdentifierExtension.create(encode(publicKey)),
      await library.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return { certificate: new X509Certificate(made.toString('pem')), key: privateKey }
}

function nameExtension(library: Library, spiffeName: string) {
  return new library.SubjectAlternativeNameExtension([{ type: 'url', value: spiffeName }])
}

function encode(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

/** A positive number of 126 random bits: unique without a register of what was issued. */
function drawSerial(random: Random): string {
  const bytes = random.bytes(serialBytes)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}
