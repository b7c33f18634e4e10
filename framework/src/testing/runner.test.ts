import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { chooseRunner, chooseServices } from './runner.ts'

const { TEST_RUNNER, TEST_SERVICES } = process.env

before(() => setBoth(undefined, undefined))
after(() => setBoth(TEST_RUNNER, TEST_SERVICES))

function setBoth(runner: string | undefined, services: string | undefined): void {
  if (runner === undefined) delete process.env['TEST_RUNNER']
  else process.env['TEST_RUNNER'] = runner
  if (services === undefined) delete process.env['TEST_SERVICES']
  else process.env['TEST_SERVICES'] = services
}

test('the environment chooses among the runners that a test allows', () => {
  setBoth('split', undefined)
  assert.equal(chooseRunner(undefined), 'split')
  assert.equal(chooseRunner(['inline', 'split']), 'split')
  assert.equal(chooseRunner(['wire', 'inline']), 'wire')
  assert.equal(chooseRunner('inline'), 'inline')
  setBoth(undefined, undefined)
  assert.equal(chooseRunner(undefined), 'inline')
  assert.equal(chooseRunner(['wire', 'split']), 'wire')
})

test('a runner that does not exist is refused: a run under the wrong one proves nothing', () => {
  setBoth('splitt', undefined)
  assert.throws(() => chooseRunner(undefined), /"splitt".*inline, wire, split, split-kill/)
})

const modules = ['cart', 'catalog', 'orders']

test('every module is a service of its own unless groups are given', () => {
  setBoth(undefined, undefined)
  assert.deepEqual(chooseServices(modules, undefined), [['cart'], ['catalog'], ['orders']])
  setBoth(undefined, 'orders|catalog,cart')
  assert.deepEqual(chooseServices(modules, undefined), [['orders'], ['catalog', 'cart']])
  assert.deepEqual(chooseServices(modules, [modules]), [modules])
  setBoth(undefined, '#2')
  assert.deepEqual(chooseServices(modules, undefined), [['catalog'], ['cart', 'orders']])
})

test('a module in no service, in two, or unknown is refused', () => {
  assert.throws(() => chooseServices(modules, [['cart', 'catalog']]), /orders is in 0 services/)
  const twice = [modules, ['cart']]
  assert.throws(() => chooseServices(modules, twice), /cart is in 2 services/)
  assert.throws(() => chooseServices(modules, [modules, ['till']]), /no module till/)
})
