import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Ajv } from 'ajv'
import { asyncApiDocument } from '../../contract/index.ts'
import { OperatedSystem, orders, send } from './operate.fixture.ts'

after(() => OperatedSystem.close())

test('headers are written as the AsyncAPI document describes them', async () => {
  const system = await OperatedSystem.open()
  const [id = ''] = await system.enqueue(send, [{ to: 'a' }], { priority: 3, delayMs: 10 })
  const headers = JSON.parse((await system.operator.show(id)).headers)
  const document = asyncApiDocument({ name: 'post', version: '1.0.0', contracts: [orders] })
  const ajv = new Ajv({ strict: false })
  ajv.addSchema({ $id: 'document', ...document })
  const check = ajv.compile({ $ref: 'document#/components/messages/orders.paid/headers' })
  assert.equal(check(headers), true, JSON.stringify(check.errors))
  const { traceId: _, ...without } = headers
  assert.equal(check(without), false)
  assert.equal(check({ ...headers, publishedAtMs: 'now' }), false)
})
