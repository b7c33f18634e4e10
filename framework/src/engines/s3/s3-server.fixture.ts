import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { findSignatureFault, type Verification } from './sigv4.fixture.ts'

/** What goes wrong with one request: an error instead of the work, a connection that ends before the work, after
 *  it, or within the answer, an answer that never comes, or one whose content stops. */
export type S3Fault =
  | { readonly status: number; readonly code: string }
  | 'cut before'
  | 'cut after'
  | 'cut within'
  | 'never'
  | 'stop within'

interface StoredObject {
  body: Buffer
  readonly headers: Readonly<Record<string, string>>
  readonly storedAt: Date
}

export interface S3ServerOptions extends Omit<Verification, 'nowMs'> {
  readonly bucket: string
  nowMs(): number
}

/** An S3 bucket in memory for tests: checks every signature, and honours If-None-Match, ranges and the pages
 *  of ListObjectsV2. Path style. */
export class S3Server implements AsyncDisposable {
  readonly objects: Map<string, StoredObject> = new Map()
  /** `PUT /bucket/key`, with the status of its answer, in order. */
  readonly seen: string[] = []
  /** Given to the next requests, one each; `undefined` lets one pass. */
  readonly faults: (S3Fault | undefined)[] = []
  readonly #options: S3ServerOptions
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy())
  })

  constructor(options: S3ServerOptions) {
    this.#options = options
  }

  static async start(options: S3ServerOptions): Promise<S3Server> {
    const server = new S3Server(options)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    const { method = '', url: target = '' } = request
    response.sendDate = false
    response.setHeader('Date', new Date(this.#options.nowMs()).toUTCString())
    response.on('finish', () => this.seen.push(`${method} ${target} ${response.statusCode}`))
    const fault = this.faults.shift()
    if (fault === 'never') return void this.seen.push(`${method} ${target} never`)
    if (fault === 'cut before') return void request.socket.destroy()
    if (typeof fault === 'object') return sendError(response, fault.status, fault.code)
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    const signed = { method, target, headers, body }
    const refusal = findSignatureFault(signed, { ...this.#options, nowMs: this.#options.nowMs() })
    if (refusal !== undefined) {
      return sendError(response, refusal === 'XAmzContentSHA256Mismatch' ? 400 : 403, refusal)
    }
    if (fault === 'cut after') response.end = () => response.destroy() as never
    if (fault === 'cut within') halve(response, () => response.destroy())
    if (fault === 'stop within') halve(response, () => {})
    this.#answer(signed, response)
  }

  #answer(
    request: {
      readonly method: string
      readonly target: string
      readonly headers: Record<string, string>
      readonly body: Buffer
    },
    response: ServerResponse,
  ): void {
    const { pathname, searchParams } = new URL(request.target, 'http://s3')
    const [, bucket = '', ...segments] = pathname.split('/').map(decodeURIComponent)
    if (bucket !== this.#options.bucket) return sendError(response, 404, 'NoSuchBucket')
    const key = segments.join('/')
    if (request.method === 'PUT') return this.#put(key, request, response)
    if (request.method === 'DELETE') {
      this.objects.delete(key)
      return void response.writeHead(204).end()
    }
    if (key === '') return this.#list(searchParams, response)
    this.#get(key, request, response)
  }

  #put(
    key: string,
    { headers, body }: { readonly headers: Record<string, string>; readonly body: Buffer },
    response: ServerResponse,
  ): void {
    if (headers['if-none-match'] === '*' && this.objects.has(key)) {
      return sendError(response, 412, 'PreconditionFailed')
    }
    const kept = Object.entries(headers).filter(
      ([name]) => name === 'content-type' || name.startsWith('x-amz-meta-'),
    )
    const storedAt = new Date(this.#options.nowMs())
    this.objects.set(key, { body, headers: Object.fromEntries(kept), storedAt })
    response.writeHead(200, { ETag: `"${md5(body)}"` }).end()
  }

  #get(
    key: string,
    { method, headers }: { readonly method: string; readonly headers: Record<string, string> },
    response: ServerResponse,
  ): void {
    const found = this.objects.get(key)
    if (found === undefined) return sendError(response, 404, 'NoSuchKey')
    const { body } = found
    response.setHeaders(new Map(Object.entries(found.headers)))
    response.setHeader('Last-Modified', found.storedAt.toUTCString())
    response.setHeader('ETag', `"${md5(body)}"`)
    const asked = /^bytes=(\d+)-(\d*)$/.exec(headers['range'] ?? '')
    if (asked === null) {
      response.writeHead(200, { 'Content-Length': body.length })
      return void response.end(method === 'HEAD' ? undefined : body)
    }
    const first = Number(asked[1])
    if (first >= body.length) return sendError(response, 416, 'InvalidRange')
    const last = asked[2] === '' ? body.length - 1 : Math.min(Number(asked[2]), body.length - 1)
    response.setHeader('Content-Range', `bytes ${first}-${last}/${body.length}`)
    response.writeHead(206, { 'Content-Length': last - first + 1 })
    response.end(body.subarray(first, last + 1))
  }

  #list(query: URLSearchParams, response: ServerResponse): void {
    const prefix = query.get('prefix') ?? ''
    const after = query.get('start-after') ?? ''
    const count = Math.min(Number(query.get('max-keys') ?? 1_000), 1_000)
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after)
    const page = keys.sort().slice(0, count)
    const contents = page.map((key) => {
      const object = this.objects.get(key)
      const shown = encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/')
      const time = object?.storedAt.toISOString()
      return `<Contents><Key>${shown}</Key><LastModified>${time}</LastModified><ETag>&quot;x&quot;</ETag><Size>${object?.body.length}</Size></Contents>`
    })
    const isTruncated = `<IsTruncated>${keys.length > page.length}</IsTruncated>`
    const text = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${isTruncated}${contents.join('')}</ListBucketResult>`
    response.writeHead(200, { 'Content-Type': 'application/xml' }).end(text)
  }
}

/** Sends half of a content, and then does something else than end. */
function halve(response: ServerResponse, then: () => void): void {
  const { write } = response
  response.end = ((content: Buffer) => {
    write.call(response, content.subarray(0, content.length / 2), 'utf8', then)
    return response
  }) as never
}

function sendError(response: ServerResponse, status: number, code: string): void {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>A &lt;message&gt;</Message></Error>`
  response.writeHead(status, { 'Content-Type': 'application/xml' }).end(text)
}

function md5(body: Buffer): string {
  return createHash('md5').update(body).digest('hex')
}
