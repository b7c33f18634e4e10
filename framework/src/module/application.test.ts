import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { type Access, type Contract, contract, query } from '../contract/index.ts'
import { type AnyContract, application, graphOf, module, printGraph } from './index.ts'

const empty = z.object({})

/** A contract with one query. */
function contractOf(name: string, options: { access?: Access; http?: string } = {}): Contract {
  return contract(name, {
    operations: { look: query({ input: empty, output: empty, access: 'public', ...options }) },
  })
}

function moduleOf(declared: Contract, uses: readonly AnyContract[] = []) {
  return module<Contract>(declared, { uses: uses as [], handlers: { look: () => ({}) } })
}

const [cart, catalog, orders] = [contractOf('cart'), contractOf('catalog'), contractOf('orders')]

test('every operation has a handler, and every handler an operation', () => {
  assert.throws(() => module<Contract>(cart, { handlers: {} }), {
    code: 'MODULE_HANDLER_MISSING',
    kind: 'invalid',
    details: { operation: 'cart.look' },
  })
  const handlers = { look: () => ({}), glance: () => ({}) }
  assert.throws(() => module<Contract>(cart, { handlers }), {
    code: 'MODULE_HANDLER_UNKNOWN',
    details: { operation: 'cart.glance' },
  })
})

test('what an object inherits is not a handler', () => {
  const inherited = contract('odd', {
    operations: { toString: query({ input: empty, output: empty, access: 'public' }) },
  })
  const options = { handlers: {} } as unknown
  assert.throws(() => module(inherited, options as never), { code: 'MODULE_HANDLER_MISSING' })
})

test('modules that fit together make an application, in their order', () => {
  const made = application('shop', {
    modules: [moduleOf(cart, [catalog]), moduleOf(catalog)],
    roles: ['clerk'],
  })
  assert.equal(made.name, 'shop')
  assert.deepEqual(
    made.modules.map((one) => one.contract.name),
    ['cart', 'catalog'],
  )
  assert.deepEqual(made.roles, ['clerk'])
})

test('two modules of one name are refused', () => {
  assert.throws(
    () => application('shop', { modules: [moduleOf(cart), moduleOf(contractOf('cart'))] }),
    {
      code: 'MODULE_NAME_DUPLICATE',
      details: { module: 'cart' },
    },
  )
})

test('a used module must be part of the application', () => {
  assert.throws(() => application('shop', { modules: [moduleOf(cart, [catalog])] }), {
    code: 'MODULE_USE_MISSING',
    details: { module: 'cart', used: 'catalog' },
  })
})

test('a circle of uses is refused with its path, without the way that led there', () => {
  const modules = [
    moduleOf(contractOf('entry'), [cart]),
    moduleOf(cart, [catalog]),
    moduleOf(catalog, [orders]),
    moduleOf(orders, [cart]),
  ]
  assert.throws(() => application('shop', { modules }), {
    code: 'MODULE_USE_CYCLE',
    message: 'modules use each other in a circle: cart → catalog → orders → cart',
  })
  assert.throws(() => application('shop', { modules: [moduleOf(cart, [cart])] }), {
    details: { path: 'cart → cart' },
  })
})

test('two ways to one module are no circle', () => {
  const modules = [
    moduleOf(cart, [catalog, orders]),
    moduleOf(orders, [catalog]),
    moduleOf(catalog),
  ]
  assert.equal(application('shop', { modules }).modules.length, 3)
})

test('a graph of many layers, each using all of the next, is checked once per module', () => {
  const layers = Array.from({ length: 30 }, (_, layer) =>
    [0, 1, 2].map((index) => contractOf(`layer${layer}at${index}`)),
  )
  const modules = layers.flatMap((layer, index) =>
    layer.map((one) => moduleOf(one, layers[index + 1] ?? [])),
  )
  assert.equal(application('deep', { modules }).modules.length, 90)
})

test('the graph is printed one module a line, with what it uses in declared order', () => {
  const modules = [moduleOf(cart, [orders, catalog]), moduleOf(orders), moduleOf(catalog)]
  assert.equal(printGraph(graphOf({ modules })), 'cart → orders, catalog\norders\ncatalog')
})

test('an access rule names roles that the application declares', () => {
  const guarded = contractOf('vault', { access: ['clerk', 'auditor'] })
  assert.throws(() => application('shop', { modules: [moduleOf(guarded)], roles: ['clerk'] }), {
    code: 'MODULE_ROLE_UNKNOWN',
    details: { operation: 'vault.look', role: 'auditor', known: 'clerk' },
  })
  const single = contractOf('vault', { access: 'clerk' })
  assert.throws(() => application('shop', { modules: [moduleOf(single)] }), {
    details: { operation: 'vault.look', role: 'clerk', known: 'none' },
  })
  for (const access of ['public', 'internal', 'signed-in'] as const) {
    application('shop', { modules: [moduleOf(contractOf('vault', { access }))] })
  }
})

test('two operations cannot answer one route, whatever their parameters are called', () => {
  const first = moduleOf(contractOf('cart', { http: 'GET /carts/{id}' }))
  const second = moduleOf(contractOf('orders', { http: 'GET /carts/{cartId}' }))
  assert.throws(() => application('shop', { modules: [first, second] }), {
    code: 'MODULE_ROUTE_DUPLICATE',
    details: { route: 'GET /carts/{cartId}', first: 'cart.look', second: 'orders.look' },
  })
  const other = moduleOf(contractOf('orders', { http: 'DELETE /carts/{cartId}' }))
  application('shop', { modules: [first, other] })
})
