import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto'
import { identitySecretWeak } from './errors.ts'

/** A key that signs and verifies, known by its id. */
export interface TokenKey {
  /** Derived from the secret, so that every instance names it alike. */
  readonly id: string
  readonly key: KeyObject
}

const secretBytesMin = 32

/** The key of a secret text.
 *  @throws IDENTITY_SECRET_WEAK */
export function tokenKeyOf(secret: string): TokenKey {
  const bytes = Buffer.byteLength(secret)
  if (bytes < secretBytesMin) throw identitySecretWeak({ bytes })
  return {
    id: hash('sha256', `banyan key id\n${secret}`).slice(0, 12),
    key: createSecretKey(secret, 'utf8'),
  }
}

/** A compact JWS (RFC 7515) with HMAC SHA-256 over `claims`. */
export function signToken(
  claims: Readonly<Record<string, unknown>>,
  { id, key }: TokenKey,
): string {
  const header = encodePart({ alg: 'HS256', kid: id, typ: 'JWT' })
  const signed = `${header}.${encodePart(claims)}`
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}

/** A token taken apart: nothing in it is trusted yet. */
export interface TokenParts {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly signed: string
  readonly signature: Buffer
}

/** Longest token that is read. */
export const tokenCharsMax = 4096
const canonicalPart = /^[A-Za-z0-9_-]+$/

/** The parts of a compact JWS, or undefined when its form is not canonical: three base64url parts
 *  without padding that encode back to the same text, the first two JSON objects. */
export function trySplitToken(token: string): TokenParts | undefined {
  if (token.length > tokenCharsMax) return undefined
  const parts = token.split('.')
  const [head = '', body = '', tail = ''] = parts
  if (parts.length !== 3) return undefined
  const header = tryDecodePart(head)
  const claims = tryDecodePart(body)
  const signature = tryDecodeBytes(tail)
  if (header === undefined || claims === undefined || signature === undefined) return undefined
  return { header, claims, signed: `${head}.${body}`, signature }
}

/** Whether the signature is the key's, compared in constant time. */
export function isSignedBy(parts: TokenParts, key: KeyObject): boolean {
  const expected = createHmac('sha256', key).update(parts.signed).digest()
  return parts.signature.length === expected.length && timingSafeEqual(parts.signature, expected)
}

function encodePart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function tryDecodeBytes(part: string): Buffer | undefined {
  if (!canonicalPart.test(part)) return undefined
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}

function tryDecodePart(part: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = tryDecodeBytes(part)
  if (bytes === undefined) return undefined
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return value as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}
