import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type PspSimulator, simulatorSecret, startPspSimulator } from './index.ts'

const order = { reference: 'order-1', amountMinor: '1995', currency: 'EUR', instrument: 'tok_visa' }

function post(psp: PspSimulator, path: string, key: string, body: object = {}): Promise<Response> {
  return fetch(psp.url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${simulatorSecret}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  })
}

const json = async (response: Promise<Response>): Promise<Record<string, unknown>> =>
  (await (await response).json()) as Record<string, unknown>

test('the same key gives the same answer, and another request under it 422', async () => {
  await using psp = await startPspSimulator()
  const first = await json(post(psp, '/payments', 'k1', order))
  assert.equal(first['state'], 'authorised')
  assert.deepEqual(await json(post(psp, '/payments', 'k1', order)), first)
  assert.equal((await post(psp, '/payments', 'k1', { ...order, amountMinor: '1' })).status, 422)
  assert.equal(psp.provider.list().length, 1)
})

test('without the secret or a key nothing happens', async () => {
  await using psp = await startPspSimulator()
  const body = JSON.stringify(order)
  assert.equal((await fetch(`${psp.url}/payments`, { method: 'POST', body })).status, 401)
  assert.equal((await post(psp, '/payments', '', order)).status, 400)
  assert.equal((await post(psp, '/payments', 'k', { ...order, amountMinor: '-5' })).status, 400)
  assert.deepEqual(psp.provider.list(), [])
})

test('money is captured once, refunded at most in full, and the totals say so', async () => {
  await using psp = await startPspSimulator()
  const { id } = await json(post(psp, '/payments', 'a', order))
  assert.equal((await post(psp, `/payments/${String(id)}/capture`, 'c')).status, 200)
  assert.equal((await post(psp, `/payments/${String(id)}/capture`, 'c2')).status, 200)
  assert.equal((await post(psp, `/payments/${String(id)}/void`, 'v')).status, 409)
  const part = { amountMinor: '1000' }
  assert.equal((await post(psp, `/payments/${String(id)}/refund`, 'r', part)).status, 200)
  assert.equal((await post(psp, `/payments/${String(id)}/refund`, 'r', part)).status, 200)
  assert.equal((await post(psp, `/payments/${String(id)}/refund`, 'r2', part)).status, 422)
  assert.deepEqual(psp.provider.totals(), [
    {
      currency: 'EUR',
      openMinor: 0n,
      capturedMinor: 1_995n,
      refundedMinor: 1_000n,
      capturedCount: 1,
    },
  ])
})

test('test instruments decline, and one refuses its capture', async () => {
  await using psp = await startPspSimulator()
  const poor = { ...order, instrument: 'tok_insufficient_funds' }
  const declined = await json(post(psp, '/payments', 'a', poor))
  assert.equal(declined['state'], 'declined')
  assert.equal(declined['declineReason'], 'insufficient_funds')
  assert.equal((await post(psp, `/payments/${String(declined['id'])}/capture`, 'c')).status, 409)
  const stuck = { ...order, instrument: 'tok_capture_refused' }
  const { id } = await json(post(psp, '/payments', 'b', stuck))
  assert.equal((await post(psp, `/payments/${String(id)}/capture`, 'd')).status, 409)
})

test('answer and drop: the effect happened, the merchant learns it by asking again', async () => {
  await using psp = await startPspSimulator()
  for (const partial of [false, true]) {
    psp.behaviours.add({ operation: 'authorise', mode: 'drop', effect: 'done', partial, count: 1 })
    const key = `k-${partial}`
    await assert.rejects(json(post(psp, '/payments', key, order)))
    const count = psp.provider.list().length
    assert.equal((await json(post(psp, '/payments', key, order)))['state'], 'authorised')
    assert.equal(psp.provider.list().length, count)
  }
  assert.equal(psp.provider.list().length, 2)
})

test('told to fail or to hang, it has no effect unless told so', async () => {
  await using psp = await startPspSimulator()
  psp.behaviours.add({ mode: 'fail', status: 500, count: 1 })
  assert.equal((await post(psp, '/payments', 'k', order)).status, 500)
  assert.equal(psp.provider.list().length, 0)
  psp.behaviours.add({ mode: 'hang', effect: 'done', count: 1 })
  const waiting = fetch(`${psp.url}/payments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${simulatorSecret}`, 'idempotency-key': 'k' },
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(200),
  })
  await assert.rejects(waiting, { name: 'TimeoutError' })
  assert.equal(psp.provider.list().length, 1)
})

test('a behaviour hits its share of the requests, the same ones for the same seed', async () => {
  const statuses = async (): Promise<number[]> => {
    await using psp = await startPspSimulator({ seed: 7 })
    psp.behaviours.add({ mode: 'fail', share: 0.5 })
    const seen: number[] = []
    for (let n = 0; n < 20; n++) seen.push((await post(psp, '/payments', `k${n}`, order)).status)
    return seen
  }
  const first = await statuses()
  assert.ok(first.includes(503) && first.includes(201))
  assert.deepEqual(await statuses(), first)
})

test('behaviours can be set and cleared over HTTP, and nonsense is refused', async () => {
  await using psp = await startPspSimulator()
  const control = (method: string, body?: object): Promise<Response> =>
    fetch(`${psp.url}/control`, { method, ...(body && { body: JSON.stringify(body) }) })
  assert.equal((await control('POST', { mode: 'slow', ms: 1 })).status, 200)
  assert.equal((await control('POST', { mode: 'explode' })).status, 400)
  assert.equal(psp.behaviours.list().length, 1)
  assert.equal((await post(psp, '/payments', 'k', order)).status, 201)
  await control('DELETE')
  assert.deepEqual(psp.behaviours.list(), [])
})

test('a restart keeps the books and the keys, a half-written last line is dropped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'psp-'))
  const journal = join(folder, 'journal.ndjson')
  try {
    let before: unknown
    {
      await using psp = await startPspSimulator({ journal })
      before = await json(post(psp, '/payments', 'k', order))
    }
    appendFileSync(journal, '{"key":"half')
    {
      await using psp = await startPspSimulator({ journal })
      assert.deepEqual(await json(post(psp, '/payments', 'k', order)), before)
      await json(post(psp, '/payments', 'k2', order))
    }
    await using psp = await startPspSimulator({ journal })
    assert.equal(psp.provider.list().length, 2)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
