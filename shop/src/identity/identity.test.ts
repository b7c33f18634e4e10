import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestShop } from '../../testing/test-shop.ts'
import { identity } from './contract.ts'

test('a guest gets a session of their own', async () => {
  await using shop = await openTestShop({ http: true })
  const api = shop.app.as().of(identity)
  const [ann, ben] = [await api.openSession({}), await api.openSession({})]
  assert.notEqual(ann.customerId, ben.customerId)
  assert.ok(ann.expiresAt.getTime() > shop.app.world.clock.nowMs())
  const authorization = `Bearer ${ann.token}`
  const created = await fetch(`${shop.app.url}/carts`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: '{}',
  })
  assert.equal(created.status, 201)
  const refused = await fetch(`${shop.app.url}/carts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  assert.equal(refused.status, 401)
})

test('the secret of the shop makes a clerk, and nothing else does', async () => {
  await using shop = await openTestShop({ http: true })
  const api = shop.app.as().of(identity)
  const refused = { code: 'IDENTITY_CLERK_REFUSED' }
  await assert.rejects(api.openClerkSession({ clerk: 'anna', secret: 'guess' }), refused)
  const { token } = await api.openClerkSession({ clerk: 'anna', secret: 'a-secret-for-tests' })
  const headers = { authorization: `Bearer ${token}` }
  const read = await fetch(`${shop.app.url}/ledger/trial-balance`, { headers })
  assert.equal(read.status, 200)
  const { token: customer } = await api.openSession({})
  const forbidden = await fetch(`${shop.app.url}/ledger/trial-balance`, {
    headers: { authorization: `Bearer ${customer}` },
  })
  assert.equal(forbidden.status, 403)
})
