import { createHash } from 'node:crypto'
import {
  assertKey,
  assertPrefix,
  assertRange,
  collectContent,
  type FileGetRequest,
  type FileLifetime,
  type FileListRequest,
  type FilePutRequest,
  type FileStore,
  filesExists,
  filesNotFound,
  filesStoreRefused,
  filesUnavailable,
  rangeText,
  readPageBound,
  readPutBound,
  spanOf,
  storedFileOf,
} from '../../files/index.ts'
import type { FileEntry, FileInfo, FilePage, StoredFile } from '../../module/index.ts'
import { readAnswer } from './answer-parts.ts'
import { type ListAnswer, tryParseList } from './list-answer.ts'
import { checksumHeader, infoOf, putIdHeader, timeOf } from './object-info.ts'
import { assertOptions, type S3FileStoreOptions } from './options.ts'
import { S3Client } from './s3-client.ts'
import { objectPath, type S3Answer } from './s3-request.ts'
import { textOf } from './xml-text.ts'

/** Keeps files in a bucket. Pure: nothing is sent until the first operation, and the bucket is not made.
 *  @throws FILES_OPTION_INVALID
 *  Cost: a put, get, head or delete is one request, a page of a list usually one; a put holds its content
 *  in memory. */
export function createS3FileStore(options: S3FileStoreOptions): FileStore {
  assertOptions(options)
  return new S3FileStore(options)
}

class S3FileStore implements FileStore {
  readonly label: string
  readonly #options: S3FileStoreOptions
  readonly #client: S3Client

  constructor(options: S3FileStoreOptions) {
    this.label = `the bucket ${options.bucket} at ${new URL(options.endpoint).host}`
    this.#options = options
    this.#client = new S3Client(options)
  }

  async put(lifetime: FileLifetime, request: FilePutRequest): Promise<FileInfo> {
    const { key, content, contentType, ifAbsent = false } = request
    assertKey(key)
    const { signal } = lifetime
    const body = await collectContent({ key, content, sizeBytesMax: readPutBound(request), signal })
    const etag = createHash('sha256').update(body).digest('hex')
    const putId = this.#options.random.bytes(16).toString('hex')
    const answer = await this.#client.send(lifetime, {
      operation: 'put',
      method: 'PUT',
      ...this.#object(key),
      headers: {
        'content-type': contentType,
        [checksumHeader]: etag,
        [putIdHeader]: putId,
        ...(ifAbsent ? { 'if-none-match': '*' } : {}),
      },
      body,
      expected: ifAbsent ? [200, 412] : [200],
    })
    const storedAtMs = timeOf(answer.headers, 'date') || this.#options.clock.nowMs()
    await this.#drain(answer)
    if (answer.status === 412) await this.#assertOurs(lifetime, { key, putId, answer })
    return { key, sizeBytes: body.length, contentType, etag, storedAtMs }
  }

  async get(lifetime: FileLifetime, request: FileGetRequest): Promise<StoredFile> {
    const { key, range } = request
    assertKey(key)
    assertRange(range)
    const answer = await this.#client.send(lifetime, {
      operation: 'get',
      method: 'GET',
      ...this.#object(key),
      headers: range === undefined ? {} : { range: rangeText(range) },
      expected: range === undefined ? [200, 404] : [200, 206, 404, 416],
    })
    if (answer.status === 404) return this.#refuseMissing(lifetime, answer, key)
    if (answer.status === 416) return this.#refuseRange(lifetime, request, answer)
    try {
      const info = infoOf(key, answer.headers)
      const { count, isWhole } = spanOf(info, range)
      const { clock } = this.#options
      const silenceMsMax = this.#client.attemptMs
      const reading = { key, signal: lifetime.signal, clock, silenceMsMax }
      const parts = readAnswer(answer, reading)
      const close = async (): Promise<void> => answer.abandon()
      return storedFileOf({ info, parts, sizeBytes: count, isWhole, close })
    } catch (error) {
      answer.abandon()
      throw error
    }
  }

  async head(lifetime: FileLifetime, key: string): Promise<FileInfo> {
    return infoOf(key, await this.#headersOf(lifetime, key))
  }

  async delete(lifetime: FileLifetime, key: string): Promise<void> {
    assertKey(key)
    const answer = await this.#client.send(lifetime, {
      operation: 'delete',
      method: 'DELETE',
      ...this.#object(key),
      expected: [200, 204],
    })
    await this.#drain(answer)
  }

  /** Objects under names that are no keys, such as folders made by consoles, are passed over. */
  async list(lifetime: FileLifetime, request: FileListRequest): Promise<FilePage> {
    const { prefix, after = '' } = request
    assertPrefix(prefix)
    if (after !== '') assertKey(after)
    const countMax = readPageBound(request)
    const files: FileEntry[] = []
    for (let start = after; ; ) {
      const page = await this.#listPage(lifetime, { prefix, start, count: countMax - files.length })
      files.push(...page.entries.filter(({ key }) => isKey(key)))
      start = page.entries.at(-1)?.key ?? ''
      if (!page.isTruncated || start === '') return { files, nextAfter: undefined }
      if (files.length === countMax) return { files, nextAfter: files.at(-1)?.key }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #listPage(
    lifetime: FileLifetime,
    page: { readonly prefix: string; readonly start: string; readonly count: number },
  ): Promise<ListAnswer> {
    const { prefix, start, count } = page
    const answer = await this.#client.send(lifetime, {
      operation: 'list',
      key: prefix,
      method: 'GET',
      path: `/${this.#options.bucket}`,
      query: {
        'list-type': '2',
        'encoding-type': 'url',
        'max-keys': String(count),
        ...(prefix === '' ? {} : { prefix }),
        ...(start === '' ? {} : { 'start-after': start }),
      },
      expected: [200],
    })
    const parsed = tryParseList(await this.#textOf(lifetime, answer, prefix))
    if (parsed !== undefined) return parsed
    const cause = 'the answer is no list of objects'
    throw filesUnavailable({ operation: 'list', key: prefix, cause })
  }

  async #textOf({ signal }: FileLifetime, answer: S3Answer, key: string): Promise<string> {
    const { clock } = this.#options
    const reading = { key, signal, clock, silenceMsMax: this.#client.attemptMs }
    const parts: Uint8Array[] = []
    for await (const part of readAnswer(answer, reading)) parts.push(part)
    return Buffer.concat(parts).toString('utf8')
  }

  async #headersOf(lifetime: FileLifetime, key: string): Promise<Headers> {
    assertKey(key)
    const answer = await this.#client.send(lifetime, {
      operation: 'head',
      method: 'HEAD',
      ...this.#object(key),
      expected: [200, 404],
    })
    await this.#drain(answer)
    if (answer.status === 404) throw filesNotFound({ key })
    return answer.headers
  }

  /** A put that was repeated may meet the file that its first attempt stored: then it succeeded.
   *  @throws FILES_EXISTS */
  async #assertOurs(
    lifetime: FileLifetime,
    put: { readonly key: string; readonly putId: string; readonly answer: S3Answer },
  ): Promise<void> {
    const { key, putId, answer } = put
    if (answer.attempt > 1) {
      const headers = await this.#headersOf(lifetime, key)
      if (headers.get(putIdHeader) === putId) return
    }
    throw filesExists({ key })
  }

  /** A bucket that is not there is no missing file. */
  async #refuseMissing(lifetime: FileLifetime, answer: S3Answer, key: string): Promise<never> {
    const cause = textOf(await this.#textOf(lifetime, answer, key), 'Code')
    if (cause !== 'NoSuchBucket') throw filesNotFound({ key })
    throw filesStoreRefused({ store: this.label, status: answer.status, cause })
  }

  /** S3 says that nothing of the range is there, not how long the file is. */
  async #refuseRange(
    lifetime: FileLifetime,
    { key, range }: FileGetRequest,
    answer: S3Answer,
  ): Promise<never> {
    await this.#drain(answer)
    spanOf(await this.head(lifetime, key), range)
    const cause = 'the file was replaced while it was asked for'
    throw filesUnavailable({ operation: 'get', key, cause })
  }

  /** Gives the connection back; one that does not end is cut. */
  async #drain({ response, abandon }: S3Answer): Promise<void> {
    const timer = this.#options.clock.after(this.#client.attemptMs, abandon)
    await response.arrayBuffer().catch(() => {})
    timer.stop()
  }

  #object(key: string): { readonly key: string; readonly path: string } {
    return { key, path: objectPath(this.#options.bucket, key) }
  }
}

function isKey(key: string): boolean {
  try {
    assertKey(key)
    return true
  } catch {
    return false
  }
}
