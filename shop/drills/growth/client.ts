import { Agent, request } from 'node:http'
import { createSystemClock } from 'banyan/kernel'

/** What came back for one request that was sent once. */
export interface Sent {
  /** 0: no answer. */
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  /** Empty when there was an answer. */
  readonly cause: string
  readonly durationMs: number
}

/** One request of the load. */
export interface Order {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly token?: string
  /** Sent as the idempotency key. */
  readonly key?: string
  readonly body?: object
}

const clock = createSystemClock()
const timeoutMs = 15_000

/** A client that never repeats anything: what the platform does not hide is counted as a failure. */
export class PlainClient implements Disposable {
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 512, timeout: timeoutMs })

  constructor(url: string) {
    this.#url = url
  }

  /** Sends once; never rejects. */
  send({ method, path, token, key, body }: Order): Promise<Sent> {
    const startMs = clock.monotonicMs()
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    }
    return new Promise((resolve) => {
      const end = (status: number, cause: string, received = ''): void =>
        resolve({ status, cause, body: parse(received), durationMs: clock.monotonicMs() - startMs })
      const sent = request(
        this.#url + path,
        { method, headers, agent: this.#agent, timeout: timeoutMs },
        (response) => {
          let received = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => void (received += chunk))
          response.on('end', () => end(response.statusCode ?? 0, '', received))
          response.on('error', (error: NodeJS.ErrnoException) =>
            end(0, error.code ?? error.message),
          )
        },
      )
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)))
      sent.on('error', (error: NodeJS.ErrnoException) => end(0, error.code ?? error.message))
      sent.end(text)
    })
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
