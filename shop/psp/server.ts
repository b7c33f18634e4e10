import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, createSeededRandom, createSystemClock, sleep } from 'banyan/kernel'
import { type Behaviour, Behaviours, behaviourSchema } from './behaviour.ts'
import { memoryJournal, openJournal } from './journal.ts'
import { type Answer, Provider } from './provider.ts'
import { readJson, tryParseOperation } from './request.ts'

export interface PspOptions {
  /** 0 picks a free one. */
  readonly port?: number
  /** What merchants must send as a bearer token. */
  readonly secret?: string
  /** NDJSON file that keeps the books over restarts; without it they end with the process. */
  readonly journal?: string
  /** Seed of the share that behaviours hit. */
  readonly seed?: number
  readonly clock?: Clock
}

/** The secret that the shop and the simulator share unless told otherwise; it guards nothing real. */
export const simulatorSecret = 'psp-simulator'

/** A running simulator; its books and behaviours can be reached without HTTP too. */
export interface PspSimulator extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly provider: Provider
  readonly behaviours: Behaviours
  close(): Promise<void>
}

/** Starts a simulated payment service provider on the loopback interface. */
export async function startPspSimulator(options: PspOptions = {}): Promise<PspSimulator> {
  const provider = new Provider()
  const { journal } = options
  provider.attach(
    journal === undefined ? memoryJournal : openJournal(journal, (fact) => provider.replay(fact)),
  )
  const behaviours = new Behaviours(createSeededRandom(options.seed ?? 1))
  const edge = new PspEdge(provider, behaviours, options)
  const server = createServer((request, response) => void edge.serve(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  let isClosed = false
  const close = async (): Promise<void> => {
    if (isClosed) return
    isClosed = true
    server.closeAllConnections()
    await new Promise((resolve) => void server.close(resolve))
    provider.close()
  }
  const url = `http://127.0.0.1:${port}`
  return { url, port, provider, behaviours, close, [Symbol.asyncDispose]: close }
}

/** The HTTP side: who asks, for what, and how badly the answer travels. */
class PspEdge {
  readonly #provider: Provider
  readonly #behaviours: Behaviours
  readonly #clock: Clock
  readonly #authorization: string

  constructor(provider: Provider, behaviours: Behaviours, { clock, secret }: PspOptions) {
    this.#provider = provider
    this.#behaviours = behaviours
    this.#clock = clock ?? createSystemClock()
    this.#authorization = `Bearer ${secret ?? simulatorSecret}`
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://psp')
    try {
      if (pathname === '/control') return await this.#control(request, response)
      if (request.headers.authorization !== this.#authorization) {
        return reply(response, 401, { reason: 'secret_wrong' })
      }
      if (request.method === 'POST') return await this.#operate(pathname, request, response)
      this.#read(pathname, searchParams, response)
    } catch {
      response.destroy()
    }
  }

  async #operate(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = tryParseOperation(path, await readJson(request))
    const key = request.headers['idempotency-key']
    if (asked === undefined) return reply(response, 400, { reason: 'request_invalid' })
    if (typeof key !== 'string' || key === '') {
      return reply(response, 400, { reason: 'idempotency_key_missing' })
    }
    const behaviour = this.#behaviours.draw(asked.operation)
    if (behaviour?.mode === 'slow') await sleep(this.#clock, behaviour.ms)
    const happens = behaviour === undefined || behaviour.mode === 'slow'
    if (!happens && behaviour.effect === 'none') return misbehave(response, behaviour, undefined)
    const answer = this.#provider.perform(key, asked)
    if (!happens) return misbehave(response, behaviour, answer)
    reply(response, answer.status, answer.body)
  }

  async #control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'DELETE') this.#behaviours.clear()
    if (request.method === 'POST') {
      const parsed = behaviourSchema.safeParse(await readJson(request))
      if (!parsed.success) return reply(response, 400, { issues: parsed.error.issues })
      this.#behaviours.add(parsed.data)
    }
    reply(response, 200, { behaviours: this.#behaviours.list() })
  }

  #read(path: string, query: URLSearchParams, response: ServerResponse): void {
    if (path === '/totals') return reply(response, 200, { totals: this.#provider.totals() })
    if (path === '/payments') {
      const payments = this.#provider.list(query.get('reference') ?? undefined)
      return reply(response, 200, { payments: payments.slice(-1_000) })
    }
    const payment = this.#provider.find(path.replace('/payments/', ''))
    if (payment === undefined) return reply(response, 404, { reason: 'payment_unknown' })
    reply(response, 200, payment)
  }
}

function misbehave(
  response: ServerResponse,
  behaviour: Behaviour,
  answer: Answer | undefined,
): void {
  if (behaviour.mode === 'hang') return
  if (behaviour.mode === 'fail')
    return reply(response, behaviour.status, { reason: 'told_to_fail' })
  if (!behaviour.partial || answer === undefined) return void response.destroy()
  const text = textOf(answer.body)
  response.writeHead(answer.status, { 'content-length': Buffer.byteLength(text) })
  response.write(text.slice(0, text.length / 2), () => response.destroy())
}

function reply(response: ServerResponse, status: number, body: object): void {
  const text = textOf(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

function textOf(body: object): string {
  return JSON.stringify(body, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}
