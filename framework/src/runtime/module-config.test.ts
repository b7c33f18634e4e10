import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { contract } from '../contract/index.ts'
import { type Module, module } from '../module/index.ts'
import { runtimeSettingInvalid } from './errors.ts'
import { readModuleConfig, variableOf } from './module-config.ts'

const payments = (config?: z.ZodType): Module =>
  module(contract('payments', { operations: {} }), {
    handlers: {},
    ...(config === undefined ? {} : { config }),
  })
const full = payments(
  z.object({
    pspUrl: z.url(),
    retriesMax: z.int().default(3),
    isTest: z.boolean().default(false),
  }),
)

test('a field is read from <MODULE>_<FIELD>, as text where it is a number or a boolean', () => {
  const variables = {
    PAYMENTS_PSP_URL: 'http://127.0.0.1:4010',
    PAYMENTS_RETRIES_MAX: '5',
    PAYMENTS_IS_TEST: 'true',
    ORDERS_PSP_URL: 'http://elsewhere',
  }
  assert.deepEqual(readModuleConfig(full, variables), {
    pspUrl: 'http://127.0.0.1:4010',
    retriesMax: 5,
    isTest: true,
  })
})

test('what is absent or empty has its default', () => {
  const variables = { PAYMENTS_PSP_URL: 'http://a', PAYMENTS_RETRIES_MAX: '' }
  assert.deepEqual(readModuleConfig(full, variables), {
    pspUrl: 'http://a',
    retriesMax: 3,
    isTest: false,
  })
})

test('what is given directly wins over variables', () => {
  const read = readModuleConfig(
    full,
    { PAYMENTS_PSP_URL: 'http://a' },
    { pspUrl: 'http://b', retriesMax: 1 },
  )
  assert.deepEqual(read, { pspUrl: 'http://b', retriesMax: 1, isTest: false })
})

test('a missing or wrong value is refused with the name of its variable', () => {
  for (const variables of [{}, { PAYMENTS_PSP_URL: 'no url' }]) {
    assert.throws(
      () => readModuleConfig(full, variables),
      (error) => runtimeSettingInvalid.is(error) && error.details.name === 'PAYMENTS_PSP_URL',
    )
  }
})

test('a module without settings has none', () => {
  assert.deepEqual(readModuleConfig(payments(), { PAYMENTS_PSP_URL: 'http://a' }), {})
})

test('names of variables are in upper snake case', () => {
  assert.equal(variableOf('orderBook', 'pageSizeMax'), 'ORDER_BOOK_PAGE_SIZE_MAX')
})
