import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remoteCallForbidden } from './errors.ts'
import { peerPolicy } from './peer-policy.ts'

const hosts = new Map([
  ['edge', []],
  ['sales', ['cart', 'orders']],
])
const policy = peerPolicy({
  uses: new Map([
    ['cart', ['stock']],
    ['orders', []],
  ]),
  hostsOf: (service) => hosts.get(service) ?? [],
  servesHttp: (service) => service === 'edge',
})
const reasonOf = (service: string, operation: string, callerModule?: string) =>
  policy({ service, isProved: true }, { operation, callerModule })

test('a module may call what it declares to use, from a service that hosts it', () => {
  assert.equal(reasonOf('sales', 'stock.reserve', 'cart'), undefined)
})

test('a use that is not declared is refused', () => {
  assert.match(
    reasonOf('sales', 'stock.reserve', 'orders') ?? '',
    /orders does not declare.* stock/,
  )
  assert.match(reasonOf('sales', 'stockpile.reserve', 'cart') ?? '', /stockpile/)
  assert.match(reasonOf('sales', 'stock', 'cart') ?? '', /stock/)
})

test('a service cannot speak for a module that it does not host', () => {
  assert.match(reasonOf('edge', 'stock.reserve', 'cart') ?? '', /edge does not host.*cart/)
  assert.match(reasonOf('nobody', 'stock.reserve', 'cart') ?? '', /nobody does not host/)
})

test('callers from outside come only through services that serve the public HTTP', () => {
  assert.equal(reasonOf('edge', 'stock.reserve'), undefined)
  assert.match(reasonOf('sales', 'stock.reserve') ?? '', /sales does not serve the public HTTP/)
})

test('a refusal has a code of kind forbidden that gives the reason', () => {
  const reason = reasonOf('sales', 'stock.reserve') ?? ''
  const error = remoteCallForbidden({ operation: 'stock.reserve', reason })
  assert.equal(error.code, 'REMOTE_CALL_FORBIDDEN')
  assert.equal(error.kind, 'forbidden')
  assert.ok(error.message.includes(reason))
})
