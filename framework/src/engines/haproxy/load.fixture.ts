/** Load for this folder's tests. */
import { Agent, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly text: string
}

/** One request. Rejects when the connection ends without an answer. */
export function send(
  url: string,
  options: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
    /** A connection of its own unless given. */
    readonly agent?: Agent
    readonly signal?: AbortSignal
  } = {},
): Promise<Answer> {
  const { body, agent = new Agent({ keepAlive: false }), ...rest } = options
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ...rest, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => void (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

export interface LoadResult {
  readonly sent: number
  /** What clients saw instead of an answer with 200. */
  readonly failures: readonly string[]
  /** Answers by the instance that gave them. */
  readonly byInstance: ReadonlyMap<string, number>
}

/** An open model: a request every so often, whatever became of the ones before. Two thirds read, one
 *  third are commands with a key of their own. */
export class Load implements Disposable {
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true })
  readonly #timer: NodeJS.Timeout
  readonly #pending = new Set<Promise<void>>()
  readonly #failures: string[] = []
  readonly #byInstance = new Map<string, number>()
  readonly #startMs = performance.now()
  readonly #ratePerSecond: number
  #sent = 0

  constructor(url: string, ratePerSecond: number) {
    this.#url = url
    this.#ratePerSecond = ratePerSecond
    // A machine that stalls owes the requests of that time.
    this.#timer = setInterval(() => this.#catchUp(), 4)
  }

  async stop(): Promise<LoadResult> {
    clearInterval(this.#timer)
    await Promise.all(this.#pending)
    this.#agent.destroy()
    return { sent: this.#sent, failures: this.#failures, byInstance: this.#byInstance }
  }

  /** For a test that fails in between. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#agent.destroy()
  }

  #catchUp(): void {
    const due = ((performance.now() - this.#startMs) / 1_000) * this.#ratePerSecond
    while (this.#sent < due) this.#sendOne(this.#sent++)
  }

  #sendOne(index: number): void {
    const isCommand = index % 3 === 0
    const sent = isCommand
      ? send(`${this.#url}/orders?quiet`, {
          method: 'POST',
          headers: { 'Idempotency-Key': `load-${index}`, 'Content-Type': 'application/json' },
          body: '{}',
          agent: this.#agent,
        })
      : send(`${this.#url}/orders/${index}?quiet`, { agent: this.#agent })
    const done = sent
      .then(({ status, text }) => {
        if (status === 200) this.#byInstance.set(text, (this.#byInstance.get(text) ?? 0) + 1)
        else this.#failures.push(`${isCommand ? 'POST' : 'GET'} ${status}`)
      })
      .catch((error: unknown) => void this.#failures.push(String(error)))
      .finally(() => this.#pending.delete(done))
    this.#pending.add(done)
  }
}
