/** Bearer tokens of the bench: JSON Web Tokens signed with HS256 (RFC 7519, RFC 7515), made with
 *  node:crypto so that no server's own library makes what it verifies. */
import { createHmac } from 'node:crypto'
import { audienceOfTokens, issuerOfTokens, secretOfTokens } from './protocol.ts'

export type TokenOptions = {
  readonly secret?: string
  readonly audience?: string
  /** Seconds from now; negative is expired. */
  readonly lifetimeSeconds?: number
  readonly algorithm?: 'HS256' | 'none'
}

/** How many tokens rotate: more than one, so that nothing can be cached for "the" caller. */
export const tokenCount = 1_000

export function subjectOf(index: number): string {
  return `user-${index}`
}

export function createToken(subject: string, options: TokenOptions = {}): string {
  const now = Math.floor(Date.now() / 1_000)
  const algorithm = options.algorithm ?? 'HS256'
  const signed = [
    encode({ alg: algorithm, typ: 'JWT' }),
    encode({
      sub: subject,
      iss: issuerOfTokens,
      aud: options.audience ?? audienceOfTokens,
      iat: now - 7_200,
      exp: now + (options.lifetimeSeconds ?? 3_600),
      roles: ['customer'],
    }),
  ].join('.')
  if (algorithm === 'none') return `${signed}.`
  const signature = createHmac('sha256', options.secret ?? secretOfTokens).update(signed)
  return `${signed}.${signature.digest('base64url')}`
}

/** The tokens in rotation. */
export function createTokens(): string[] {
  return Array.from({ length: tokenCount }, (_, index) => createToken(subjectOf(index)))
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
