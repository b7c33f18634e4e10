import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string
  /** Path and query, as they were sent. */
  readonly target: string
  /** By small letters. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Whose requests are taken, and when. */
export interface Verification {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  readonly nowMs: number
}

const skewMaxMs = 900_000

/** Checks a request as AWS describes it ("Signature Version 4 for API requests", S3 variant), written from
 *  that text alone, so that it can judge another implementation.
 *  @returns the code of the refusal, or undefined for a request that is rightly signed */
export function findSignatureFault(
  request: SignedRequest,
  expected: Verification,
): string | undefined {
  const parsed = tryParseAuthorization(request.headers['authorization'] ?? '')
  if (parsed === undefined) return 'AccessDenied'
  const [accessKeyId, date = '', region, service, end] = parsed.credential.split('/')
  if (accessKeyId !== expected.accessKeyId) return 'InvalidAccessKeyId'
  if (region !== expected.region || service !== 's3' || end !== 'aws4_request') {
    return 'AuthorizationHeaderMalformed'
  }
  const time = request.headers['x-amz-date'] ?? ''
  const sentMs = tryParseTime(time)
  if (sentMs === undefined || !time.startsWith(date)) return 'AccessDenied'
  if (Math.abs(sentMs - expected.nowMs) > skewMaxMs) return 'RequestTimeTooSkewed'
  const names = Object.keys(request.headers)
  const mustBeSigned = ['host', ...names.filter((name) => name.startsWith('x-amz-'))]
  if (!mustBeSigned.every((name) => parsed.signed.includes(name))) return 'AccessDenied'
  const signature = signatureOf(request, parsed.signed, expected)
  if (!isEqual(signature, parsed.signature)) return 'SignatureDoesNotMatch'
  const stated = request.headers['x-amz-content-sha256']
  return stated === sha256(request.body) ? undefined : 'XAmzContentSHA256Mismatch'
}

/** The signature that a request must carry. */
export function signatureOf(
  request: SignedRequest,
  signedHeaders: readonly string[],
  { secretAccessKey, region }: Pick<Verification, 'secretAccessKey' | 'region'>,
): string {
  const time = request.headers['x-amz-date'] ?? ''
  const date = time.slice(0, 8)
  const canonical = canonicalRequest(request, signedHeaders)
  const scope = `${date}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')
  let key: Buffer | string = `AWS4${secretAccessKey}`
  for (const part of [date, region, 's3', 'aws4_request']) key = hmac(key, part)
  return hmac(key, text).toString('hex')
}

function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const [path, query] = splitOnce(request.target, '?')
  const uri = path
    .split('/')
    .map((segment) => uriEncode(decodeURIComponent(segment)))
    .join('/')
  const headers = signedHeaders.map((name) => {
    const value = request.headers[name] ?? ''
    return `${name}:${value.trim().replace(/ +/g, ' ')}\n`
  })
  return [
    request.method,
    uri,
    canonicalQuery(query),
    headers.join(''),
    signedHeaders.join(';'),
    request.headers['x-amz-content-sha256'] ?? '',
  ].join('\n')
}

function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((field) => field !== '')
    .map((field) => splitOnce(field, '=').map((text) => uriEncode(decodeURIComponent(text))))
    .map(([name = '', value = '']) => `${name}=${value}`)
    .sort()
    .join('&')
}

/** Everything but letters, digits, `-`, `.`, `_` and `~` is encoded, in capitals. */
function uriEncode(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      if (/[A-Za-z0-9._~-]/.test(char)) return char
      return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

function tryParseAuthorization(
  header: string,
):
  | { readonly credential: string; readonly signed: readonly string[]; readonly signature: string }
  | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=(\S+?), ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/
  const [, credential, signed, signature] = pattern.exec(header) ?? []
  if (credential === undefined || signed === undefined || signature === undefined) return undefined
  return { credential, signed: signed.split(';'), signature }
}

function tryParseTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.slice(1).map(Number)
  if (parts === undefined) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function isEqual(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
