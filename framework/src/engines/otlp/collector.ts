import { Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'

const requestTimeoutMs = 5_000

/** The OTLP/HTTP endpoint of a collector, on one connection that is kept. By node:http rather than
 *  `fetch`, which copies every body and costs several times as much per request. */
export class Collector {
  readonly #url: URL
  readonly #agent: PlainAgent | SecureAgent
  readonly #request: typeof plainRequest

  constructor(url: string) {
    this.#url = new URL(url)
    const isSecure = this.#url.protocol === 'https:'
    this.#request = isSecure ? secureRequest : plainRequest
    this.#agent = new (isSecure ? SecureAgent : PlainAgent)({ keepAlive: true, maxSockets: 1 })
  }

  /** Sends one request of at most 5 s; whether the collector took it. Never rejects.
   *  Requires: `body` is not changed before the answer. */
  post(body: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      const request = this.#request(
        this.#url,
        {
          method: 'POST',
          agent: this.#agent,
          timeout: requestTimeoutMs,
          headers: { 'content-type': 'application/x-protobuf', 'content-length': body.length },
        },
        (response) => {
          const status = response.statusCode ?? 0
          response.resume()
          response.once('end', () => resolve(status >= 200 && status < 300))
          response.once('error', () => resolve(false))
        },
      )
      request.once('timeout', () => request.destroy())
      request.once('error', () => resolve(false))
      request.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
