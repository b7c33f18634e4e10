import assert from 'node:assert/strict'
import { createTokens } from 'banyan/identity'
import { createSystemClock, sleep } from 'banyan/kernel'
import { TestServer } from 'banyan/testing'
import { audit, formatViolations } from '../audit/index.ts'
import { checkout } from '../src/checkout/contract.ts'
import { connectAsOwner, type OwnerConnection } from './owner-query.ts'
import { type KeyedRequest, type Reply, isFinal, send, sendUntilFinal } from './shop-client.ts'
import { crashTestSecret, type ShopProcess, startShopProcess } from './shop-process.ts'
import { openTestShop, shippingAddress, type TestShop } from './test-shop.ts'

/** Who settles what a killed process left: the customers, who send their requests again, or nobody but
 *  the shop's own recovery. */
export type Survivor = 'customers' | 'recovery'

const clock = createSystemClock()
const settleMs = 15_000

/** Kills a shop at its fault points, again and again, on one database.
 *  For each point a process of the shop is started with the point armed, customers buy and cancel at
 *  once, the process dies by SIGKILL in the middle, and another one is started. Afterwards every
 *  invariant holds, every answer that was given still stands, and every request that was not answered
 *  has exactly one outcome. */
export class CrashSweep implements AsyncDisposable {
  readonly #shop: TestShop
  readonly #owner: OwnerConnection
  readonly #stack: AsyncDisposableStack
  readonly #databaseUrl: string
  #rounds = 0

  constructor(parts: {
    readonly shop: TestShop
    readonly owner: OwnerConnection
    readonly stack: AsyncDisposableStack
    readonly databaseUrl: string
  }) {
    this.#shop = parts.shop
    this.#owner = parts.owner
    this.#stack = parts.stack
    this.#databaseUrl = parts.databaseUrl
  }

  /** One round: kill at the `nth` passing of `point`, restart, settle, check. */
  async kill(point: string, survivor: Survivor, nth: number = 1): Promise<void> {
    const requests = await this.#prepare()
    const before = await this.#crash(`${point}=kill@${nth}`, requests)
    await this.#assertSound(false)
    await using restarted = await this.#start()
    if (survivor === 'recovery') await this.#untilSettled()
    const after = await Promise.all(
      requests.map((request) => sendUntilFinal(restarted.url, request, settleMs)),
    )
    await this.#untilSettled()
    await this.#assertSound(true)
    for (const [index, reply] of before.entries()) {
      if (isFinal(reply)) assert.deepEqual(factsOf(after[index]), factsOf(reply))
    }
    assert.deepEqual(
      after.map((reply) => (reply.type === 'answer' ? reply.status : 0)),
      [201, 201, 201, 409, 409, 200],
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }

  /** Three carts that will be bought, one whose capture and one whose payment will be refused, and an
   *  order that will be cancelled. */
  async #prepare(): Promise<KeyedRequest[]> {
    const round = this.#rounds++
    const instruments = ['tok_a', 'tok_b', 'tok_c', 'tok_capture_refused', 'tok_declined']
    const checkouts = instruments.map(async (instrument, index) => {
      const subject = `customer-${round}-${index}`
      const cartId = await this.#shop.cartWith(this.#shop.customer(subject), 'BOOT', 2)
      const body = { cartId, payment: { instrument }, shippingAddress }
      return { path: '/checkouts', token: this.#tokenOf(subject), key: `${round}-${index}`, body }
    })
    const subject = `customer-${round}-regretful`
    const customer = this.#shop.customer(subject)
    const cartId = await this.#shop.cartWith(customer, 'BOOT')
    const input = { cartId, payment: { instrument: 'tok_a' }, shippingAddress }
    const { orderId } = await customer.of(checkout).submit(input, { idempotencyKey: 'k' })
    const cancellation = {
      path: `/orders/${orderId}/cancellation`,
      token: this.#tokenOf(subject),
      key: `${round}-cancel`,
      body: {},
    }
    return [...(await Promise.all(checkouts)), cancellation]
  }

  async #crash(faults: string, requests: readonly KeyedRequest[]): Promise<Reply[]> {
    await using victim = await this.#start(faults)
    const sent = Promise.all(requests.map((request) => send(victim.url, request)))
    const exit = await Promise.race([victim.exited, sent.then(() => undefined)])
    const replies = await sent
    const { signal } = exit ?? (await Promise.race([victim.exited, sleep(clock, 2_000)])) ?? {}
    assert.equal(signal, 'SIGKILL', `${faults} was not reached`)
    return replies
  }

  #start(faults?: string): Promise<ShopProcess> {
    return startShopProcess({
      databaseUrl: this.#databaseUrl,
      pspUrl: this.#shop.psp.url,
      ...(faults !== undefined && { faults }),
    })
  }

  async #untilSettled(): Promise<void> {
    const endMs = clock.monotonicMs() + settleMs
    for (;;) {
      const violations = await this.#audit(true)
      const underWay = violations.filter(({ invariant }) => invariant === 'nothing-under-way')
      if (underWay.length === 0) return
      assert.ok(clock.monotonicMs() < endMs, formatViolations(underWay))
      await sleep(clock, 100)
    }
  }

  async #assertSound(isSettled: boolean): Promise<void> {
    assert.equal(formatViolations(await this.#audit(isSettled)), '')
  }

  #audit(isSettled: boolean): ReturnType<typeof audit> {
    const { query } = this.#owner
    return audit({ query, isSettled, providerPayments: this.#shop.psp.provider.list() })
  }

  #tokenOf(subject: string): string {
    const { ids } = this.#shop.app.world
    const tokens = createTokens({ clock, ids, secrets: [crashTestSecret], issuer: 'shop' })
    return tokens.issue({ subject, roles: ['customer'] }, 3_600_000)
  }
}

/** Opens a database, a provider and plenty of boots for one sweep after the other. */
export async function openCrashSweep(): Promise<CrashSweep> {
  const stack = new AsyncDisposableStack()
  const shop = stack.use(await openTestShop({ runner: 'inline' }))
  const server = await TestServer.acquire()
  stack.defer(() => server.release())
  const owner = stack.use(await connectAsOwner(shop.app.server))
  await shop.stock('BOOT', 100_000)
  const databaseUrl = server.urlOf(shop.app.server.database)
  return new CrashSweep({ shop, owner, stack, databaseUrl })
}

/** What an answer claims; trace ids may differ. */
function factsOf(reply: Reply | undefined): unknown {
  if (reply?.type !== 'answer') return reply
  const { code, orderId, checkoutId, status, state } = reply.body
  return { httpStatus: reply.status, code, orderId, checkoutId, status, state }
}
