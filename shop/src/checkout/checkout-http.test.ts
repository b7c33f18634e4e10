import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestShop, shippingAddress, type TestShop } from '../../testing/test-shop.ts'

function buy(
  shop: TestShop,
  request: { customer: string; key?: string; body: object },
): Promise<Response> {
  const { customer, key, body } = request
  return fetch(`${shop.app.url}/checkouts`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${shop.app.tokenFor({ subject: customer, roles: ['customer'] })}`,
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  })
}

test('over HTTP: no key 400, once 201, again the same, another body 422, sold out 409', async () => {
  await using shop = await openTestShop({ http: true })
  await shop.stock('BOOT', 1)
  const cartOf = (customer: string) => shop.cartWith(shop.customer(customer), 'BOOT')
  const body = { payment: { instrument: 'tok_visa' }, shippingAddress }
  const ann = { customer: 'ann', key: 'k', body: { ...body, cartId: await cartOf('ann') } }
  const late = { customer: 'ben', key: 'k', body: { ...body, cartId: await cartOf('ben') } }

  const keyless = await buy(shop, { customer: ann.customer, body: ann.body })
  assert.equal(keyless.status, 400)
  const first = await buy(shop, ann)
  assert.equal(first.status, 201)
  const outcome = (await first.json()) as Record<string, unknown>
  assert.deepEqual(outcome['total'], { amountMinor: '1995', currency: 'EUR' })
  assert.deepEqual(await (await buy(shop, ann)).json(), outcome)

  const otherAddress = { ...shippingAddress, city: 'Hamburg' }
  const altered = await buy(shop, { ...ann, body: { ...ann.body, shippingAddress: otherAddress } })
  assert.equal(altered.status, 422)

  const refused = await buy(shop, late)
  assert.equal(refused.status, 409)
  assert.equal(refused.headers.get('content-type')?.split(';')[0], 'application/problem+json')
  const problem = (await refused.json()) as Record<string, unknown>
  assert.equal(problem['code'], 'CHECKOUT_SOLD_OUT')
  await shop.assertSound()
})

test('over HTTP: a body that is not one is refused before anything is opened', async () => {
  await using shop = await openTestShop({ http: true })
  await shop.stock('BOOT', 1)
  const cartId = await shop.cartWith(shop.customer('ann'), 'BOOT')
  const good = { cartId, payment: { instrument: 'tok_visa' }, shippingAddress }
  const bodies = [
    { ...good, cartId: 'not-an-id' },
    { ...good, payment: { instrument: '4111111111111111' } },
    { ...good, shippingAddress: { ...shippingAddress, country: 'Germany' } },
    {},
  ]
  for (const body of bodies) {
    const refused = await buy(shop, { customer: 'ann', key: 'k', body })
    assert.equal(refused.status, 400, JSON.stringify(body))
  }
  assert.equal((await buy(shop, { customer: 'ann', key: 'k', body: good })).status, 201)
})
