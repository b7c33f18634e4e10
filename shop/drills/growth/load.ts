import { randomUUID } from 'node:crypto'
import { createSystemClock, sleep } from 'banyan/kernel'
import { shippingAddress } from '../../testing/test-shop.ts'
import type { Order, PlainClient, Sent } from './client.ts'

export interface LoadOptions {
  readonly client: PlainClient
  /** Requests a second on average. */
  readonly rate: number
  readonly skus: readonly string[]
  /** Access tokens of customers, used in turn. */
  readonly tokens: readonly string[]
  /** Whether customers leave an address for mail; no unless given. */
  readonly hasEmail?: boolean
}

/** A request that the platform did not answer as it should. */
export interface Failure {
  readonly atMs: number
  readonly what: string
  readonly status: number
  readonly cause: string
}

export interface LoadResult {
  readonly requests: number
  readonly posts: number
  readonly failures: readonly Failure[]
  /** Order ids of the checkouts that were answered with 201. */
  readonly acknowledged: readonly string[]
  readonly durationsMs: readonly number[]
  /** Of the checkouts among them. */
  readonly checkoutsMs: readonly number[]
}

const clock = createSystemClock()
const email = 'customer@shop.example'
/** Six reads and three keyed commands. */
const requestsPerSession = 9
/** More at once means that the system stands still: the load stops, rather than the machine. */
const sessionsMax = 2_000

/** Browsing and buying in an open model: sessions begin at their times whatever became of the earlier
 *  ones, so that a pause of the system is felt by everybody who came meanwhile. */
export class Load {
  readonly #options: LoadOptions
  readonly #startMs = clock.monotonicMs()
  readonly #failures: Failure[] = []
  readonly #acknowledged: string[] = []
  readonly #durationsMs: number[] = []
  readonly #checkoutsMs: number[] = []
  readonly #sessions = new Set<Promise<void>>()
  readonly #driving: Promise<void>
  #posts = 0
  #isStopping = false
  #count = 0

  constructor(options: LoadOptions) {
    this.#options = options
    this.#driving = this.#drive()
  }

  /** Requests answered so far, and how many failed. */
  get counts(): { readonly requests: number; readonly failures: number } {
    return { requests: this.#durationsMs.length, failures: this.#failures.length }
  }

  /** Begins no more sessions and waits for those under way. */
  async stop(): Promise<LoadResult> {
    this.#isStopping = true
    await this.#driving
    await Promise.all(this.#sessions)
    return {
      requests: this.#durationsMs.length,
      posts: this.#posts,
      failures: this.#failures,
      acknowledged: this.#acknowledged,
      durationsMs: this.#durationsMs,
      checkoutsMs: this.#checkoutsMs,
    }
  }

  async #drive(): Promise<void> {
    const everyMs = (1_000 * requestsPerSession) / this.#options.rate
    for (let nextMs = clock.monotonicMs(); !this.#isStopping; nextMs += everyMs) {
      const waitMs = nextMs - clock.monotonicMs()
      if (waitMs > 0) await sleep(clock, waitMs)
      if (this.#sessions.size >= sessionsMax) {
        this.#fail(`a session`, 0, `${sessionsMax} sessions wait: the system stands still`)
        return
      }
      const session: Promise<void> = this.#session(this.#count++).finally(
        () => void this.#sessions.delete(session),
      )
      this.#sessions.add(session)
    }
  }

  async #session(number: number): Promise<void> {
    const { skus, tokens, hasEmail = false } = this.#options
    const sku = skus[number % skus.length] ?? ''
    const token = tokens[number % tokens.length] ?? ''
    await this.#get('/products?pageSize=5')
    await this.#get(`/products/${sku}`)
    await this.#get(`/stock/${sku}`)
    const created = await this.#post('/carts', token, {}, 201)
    const { cartId } = created.body
    if (typeof cartId !== 'string') return
    await this.#post(`/carts/${cartId}/lines`, token, { sku, count: 1 }, 200)
    await this.#get(`/carts/${cartId}`, token)
    await this.#get('/categories')
    const bought = await this.#post(
      '/checkouts',
      token,
      {
        ...{ cartId, payment: { instrument: 'tok_visa' } },
        shippingAddress: hasEmail ? { ...shippingAddress, email } : shippingAddress,
      },
      201,
    )
    this.#checkoutsMs.push(bought.durationMs)
    const { checkoutId, orderId } = bought.body
    if (typeof checkoutId !== 'string' || typeof orderId !== 'string') return
    this.#acknowledged.push(orderId)
    await this.#get(`/checkouts/${checkoutId}`, token)
  }

  #get(path: string, token?: string): Promise<Sent> {
    return this.#send({ method: 'GET', path, ...(token === undefined ? {} : { token }) }, 200)
  }

  #post(path: string, token: string, body: object, status: number): Promise<Sent> {
    this.#posts++
    return this.#send({ method: 'POST', path, token, body, key: randomUUID() }, status)
  }

  async #send(order: Order, wanted: number): Promise<Sent> {
    const sent = await this.#options.client.send(order)
    this.#durationsMs.push(sent.durationMs)
    if (sent.status !== wanted) {
      const { status, cause, body } = sent
      const what = `${order.method} ${order.path.replaceAll(/[0-9a-f-]{36}/g, '…')}`
      const { code } = body
      this.#fail(what, status, cause || (typeof code === 'string' ? code : ''))
    }
    return sent
  }

  #fail(what: string, status: number, cause: string): void {
    const atMs = Math.round(clock.monotonicMs() - this.#startMs)
    this.#failures.push({ atMs, what, status, cause })
  }
}
