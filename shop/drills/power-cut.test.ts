import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { createTokens } from 'banyan/identity'
import { createSeededRandom, createSystemClock, createWorld, sleep } from 'banyan/kernel'
import { startPspSimulator } from '../psp/index.ts'
import { type KeyedRequest, send, sendUntilFinal } from '../testing/shop-client.ts'
import { crashTestSecret, type ShopProcess, startShopProcess } from '../testing/shop-process.ts'
import { productOf, shippingAddress } from '../testing/test-shop.ts'

const clock = createSystemClock()
const { ids } = createWorld()
const tokens = createTokens({ clock, ids, secrets: [crashTestSecret], issuer: 'shop' })
const rounds = 4
const buyers = 8
const stock = 1_000
const settleMs = 20_000
const sku = 'BOOT'

function tokenOf(subject: string, role: string): string {
  return tokens.issue({ subject, roles: [role] }, 3_600_000)
}

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** One request of a person who looks at the shop from outside. */
async function ask(
  url: string,
  token: string,
  request: { path: string; body?: object },
): Promise<Answer> {
  const response = await fetch(url + request.path, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(request.body === undefined ? {} : { method: 'POST', body: JSON.stringify(request.body) }),
    signal: AbortSignal.timeout(10_000),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function prepare(url: string, round: number): Promise<KeyedRequest[]> {
  const carts = Array.from({ length: buyers }, async (_, index) => {
    const token = tokenOf(`buyer-${round}-${index}`, 'customer')
    const { body } = await ask(url, token, { path: '/carts', body: {} })
    const { cartId } = body
    await ask(url, token, { path: `/carts/${String(cartId)}/lines`, body: { sku, count: 1 } })
    const order = { cartId, payment: { instrument: 'tok_visa' }, shippingAddress }
    return { path: '/checkouts', token, key: `power-${round}-${index}`, body: order }
  })
  return Promise.all(carts)
}

/** Waits until the shop's own books and the provider's agree. */
async function untilReconciled(url: string, clerk: string): Promise<void> {
  const endMs = clock.monotonicMs() + settleMs
  for (;;) {
    const { body } = await ask(url, clerk, { path: '/reconciliation' })
    if (body['isEqual'] === true) return
    assert.ok(clock.monotonicMs() < endMs, JSON.stringify(body))
    await sleep(clock, 200)
  }
}

test('a shop that is killed with its own database in the middle of sales has sold what it says', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-power-cut-'))
  const random = createSeededRandom(7)
  await using psp = await startPspSimulator({ port: 0 })
  const start = (): Promise<ShopProcess> => startShopProcess({ folder, pspUrl: psp.url })
  const clerk = tokenOf('clerk:anna', 'clerk')
  const requests: KeyedRequest[] = []
  let unanswered = 0
  try {
    for (let round = 0; round < rounds; round++) {
      await using victim = await start()
      if (round === 0) await putOnSale(victim.url, clerk)
      const wave = await prepare(victim.url, round)
      requests.push(...wave)
      const sending = Promise.all(wave.map((request) => send(victim.url, request)))
      await sleep(clock, 20 + random.fraction() * 150)
      await victim.kill()
      unanswered += (await sending).filter(({ type }) => type === 'unknown').length
    }
    assert.ok(unanswered > 0, 'no process died in the middle of a sale')
    await using survivor = await start()
    const { url } = survivor
    const replies = await Promise.all(
      requests.map((request) => sendUntilFinal(url, request, settleMs)),
    )
    const sold = new Set(replies.map((reply) => reply.type === 'answer' && reply.body['orderId']))
    assert.equal(sold.size, rounds * buyers, 'every request ends in exactly one order of its own')
    await untilReconciled(url, clerk)
    const levels = (await ask(url, clerk, { path: `/stock/${sku}/levels` })).body
    assert.deepEqual(
      { available: levels['available'], held: levels['held'], sold: levels['sold'] },
      { available: stock - sold.size, held: 0, sold: sold.size },
    )
    assert.equal(psp.provider.list().length, sold.size, 'one payment for each order')
    const { balances } = (await ask(url, clerk, { path: '/ledger/trial-balance' })).body
    const sum = (balances as { balance: { amountMinor: string } }[]).reduce(
      (total, { balance }) => total + BigInt(balance.amountMinor),
      0n,
    )
    assert.equal(sum, 0n)
  } finally {
    // The database of the last process is still going down; its watchdog ends it.
    await rm(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 })
  }
})

async function putOnSale(url: string, clerk: string): Promise<void> {
  const price = { amountMinor: '1995', currency: 'EUR' }
  const posts = [
    { path: '/categories', body: { path: 'test', name: 'Test' } },
    { path: '/products', body: { ...productOf(sku, 0n), price } },
  ]
  for (const post of posts) assert.equal((await ask(url, clerk, post)).status, 201)
  const receipt = {
    path: `/stock/${sku}/receipts`,
    token: clerk,
    key: 'receipt',
    body: { count: stock },
  }
  const reply = await send(url, receipt)
  assert.equal(reply.type === 'answer' && reply.status, 201)
}
