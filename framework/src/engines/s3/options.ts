import { filesOptionInvalid } from '../../files/index.ts'
import type { Clock, Random } from '../../kernel/index.ts'

/** A bucket, and the right to use it. */
export interface S3FileStoreOptions {
  /** `https://s3.eu-central-1.amazonaws.com`, without a path; the bucket is named in the path. */
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly clock: Clock
  /** Spreads the pauses between attempts. */
  readonly random: Random
  /** The global one unless given. */
  readonly fetch?: typeof fetch
  /** Attempts of one request, 1 to 10; 4 unless given. */
  readonly attemptsMax?: number
  /** Longest wait for the head of an answer, and for each part of a content, 10 ms to 10 min; 15 s unless
   *  given. A put of 64 MiB must fit into it. */
  readonly attemptMs?: number
}

/** @throws FILES_OPTION_INVALID; a secret is not repeated */
export function assertOptions(options: S3FileStoreOptions): void {
  const { endpoint, bucket, region, accessKeyId, attemptsMax = 4, attemptMs = 15_000 } = options
  const refuse = (option: string, value: string | number, rule: string): void => {
    throw filesOptionInvalid({ option, value, rule })
  }
  if (!isOrigin(endpoint)) refuse('endpoint', endpoint, 'http:// or https:// and a host, no path')
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    refuse('bucket', bucket, '3 to 63 small letters, digits, dots and hyphens')
  }
  if (!/^[a-z0-9-]{1,64}$/.test(region)) refuse('region', region, 'a name such as eu-central-1')
  if (!/^[\w+/=.-]{1,128}$/.test(accessKeyId)) {
    refuse('accessKeyId', accessKeyId.length, 'an access key of 1 to 128 characters')
  }
  if (options.secretAccessKey === '') refuse('secretAccessKey', '', 'given')
  if (!Number.isInteger(attemptsMax) || attemptsMax < 1 || attemptsMax > 10) {
    refuse('attemptsMax', attemptsMax, 'a whole number from 1 to 10')
  }
  if (!(attemptMs >= 10 && attemptMs <= 600_000)) {
    refuse('attemptMs', attemptMs, 'from 10 to 600000')
  }
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  return url.pathname === '/' && url.search === '' && url.hash === '' && url.username === ''
}
