import { AwsV4Signer } from 'aws4fetch'
import { createHash } from 'node:crypto'
import {
  type FileLifetime,
  filesOutcomeUnknown,
  filesStoreRefused,
  filesUnavailable,
} from '../../files/index.ts'
import { type BanyanError, sleep } from '../../kernel/index.ts'
import { type FailedAttempt, failedByAnswer, failedByError } from './failed-attempt.ts'
import type { S3FileStoreOptions } from './options.ts'
import type { S3Answer, S3Request } from './s3-request.ts'
import { textOf } from './xml-text.ts'

const pauseFirstMs = 50
const pauseMaxMs = 2_000
/** Stores refuse a clock that is wrong by a quarter of an hour; sooner than that we follow theirs. */
const skewToleratedMs = 300_000
const errorTextMax = 64 * 1024

/** Signs requests, sends them, and repeats what failed for the moment, while the deadline allows. All
 *  requests of this protocol may be repeated: a put stores the same bytes again. */
export class S3Client {
  readonly #options: S3FileStoreOptions
  readonly #origin: string
  readonly #attemptsMax: number
  readonly #attemptMs: number
  readonly #keys: Map<string, ArrayBuffer> = new Map()
  /** What the store's clock is ahead of ours. */
  #skewMs = 0

  constructor(options: S3FileStoreOptions) {
    this.#options = options
    this.#origin = new URL(options.endpoint).origin
    this.#attemptsMax = options.attemptsMax ?? 4
    this.#attemptMs = options.attemptMs ?? 15_000
  }

  /** How long one attempt may be silent. */
  get attemptMs(): number {
    return this.#attemptMs
  }

  /** @returns an answer of one of the expected statuses
   *  @throws FILES_UNAVAILABLE · FILES_OUTCOME_UNKNOWN · FILES_STORE_REFUSED · the lifetime's reason */
  async send(lifetime: FileLifetime, request: S3Request): Promise<S3Answer> {
    let mayHaveHappened = false
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(lifetime, request, attempt)
      if ('response' in outcome) return outcome
      mayHaveHappened ||= outcome.mayHaveHappened
      const pauseMs = this.#pauseMs(attempt)
      const isLast = attempt >= this.#attemptsMax || pauseMs >= this.#remainingMs(lifetime)
      if (!outcome.isPassing || isLast) throw this.#errorOf(request, outcome, mayHaveHappened)
      await sleep(this.#options.clock, pauseMs, lifetime.signal)
    }
  }

  async #attempt(
    lifetime: FileLifetime,
    request: S3Request,
    attempt: number,
  ): Promise<S3Answer | FailedAttempt> {
    const { clock } = this.#options
    const { signal } = lifetime
    signal.throwIfAborted()
    const skewMs = this.#skewMs
    const ended = new AbortController()
    const limitMs = Math.min(this.#attemptMs, this.#remainingMs(lifetime))
    const giveUp = (): void => ended.abort(new Error(`no answer within ${Math.round(limitMs)} ms`))
    const timer = clock.after(Math.max(0, limitMs), giveUp)
    try {
      const response = await this.#exchange(request, AbortSignal.any([signal, ended.signal]))
      const { status, headers } = response
      if (request.expected.includes(status)) {
        return { status, headers, response, attempt, abandon: () => ended.abort() }
      }
      const text = await errorText(response)
      if (status === 403 && this.#followClock(headers, skewMs)) {
        return { ...failedByAnswer(status, 'RequestTimeTooSkewed'), isPassing: true }
      }
      return failedByAnswer(status, textOf(text, 'Code'))
    } catch (error) {
      signal.throwIfAborted()
      return failedByError(ended.signal.aborted ? ended.signal.reason : error)
    } finally {
      timer.stop()
    }
  }

  async #exchange(request: S3Request, signal: AbortSignal): Promise<Response> {
    const { method, path, query, headers, body } = request
    const { region, accessKeyId, secretAccessKey, clock, fetch: send = fetch } = this.#options
    const nowMs = clock.nowMs() + this.#skewMs
    const signer = new AwsV4Signer({
      method,
      url: `${this.#origin}${path}${queryText(query)}`,
      headers: { ...headers, 'x-amz-content-sha256': hashOf(body) },
      ...{ region, accessKeyId, secretAccessKey },
      service: 's3',
      cache: this.#keys,
      datetime: new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    })
    const signed = await signer.sign()
    const init = { method, headers: signed.headers, signal, redirect: 'manual' } as const
    return send(signed.url.href, body === undefined ? init : { ...init, body })
  }

  /** Takes over the store's time where the one that a request was signed with is far from it.
   *  @returns whether the request may pass now */
  #followClock(headers: Headers, signedSkewMs: number): boolean {
    const theirsMs = Date.parse(headers.get('date') ?? '')
    if (Number.isNaN(theirsMs)) return false
    const skewMs = theirsMs - this.#options.clock.nowMs()
    if (Math.abs(skewMs - signedSkewMs) < skewToleratedMs) return false
    this.#skewMs = skewMs
    return true
  }

  #remainingMs({ deadlineMs }: FileLifetime): number {
    return deadlineMs - this.#options.clock.monotonicMs()
  }

  /** Full jitter: callers that were refused together do not return together. */
  #pauseMs(attempt: number): number {
    const bound = Math.min(pauseMaxMs, pauseFirstMs * 2 ** (attempt - 1))
    return this.#options.random.fraction() * bound
  }

  #errorOf(request: S3Request, failed: FailedAttempt, mayHaveHappened: boolean): BanyanError {
    const { operation, key } = request
    const { cause, status, error } = failed
    const isWrite = operation === 'put' || operation === 'delete'
    if (isWrite && mayHaveHappened)
      return filesOutcomeUnknown({ operation, key, cause }, { cause: error })
    if (failed.isPassing) return filesUnavailable({ operation, key, cause }, { cause: error })
    const store = `${this.#options.bucket} at ${this.#origin}`
    return filesStoreRefused({ store, status, cause })
  }
}

/** The begin of an error document; more is not read. */
async function errorText({ body }: Response): Promise<string> {
  let text = ''
  if (body === null) return text
  for await (const part of body) {
    text += Buffer.from(part as Uint8Array).toString('latin1')
    if (text.length > errorTextMax) break
  }
  return text
}

function queryText(query: Readonly<Record<string, string>> = {}): string {
  const fields = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  )
  return fields.length === 0 ? '' : `?${fields.join('&')}`
}

function hashOf(body: Buffer | undefined): string {
  return createHash('sha256')
    .update(body ?? '')
    .digest('hex')
}
