import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { z } from 'zod'
import { compileSchema } from '../schema/index.ts'
import type { AsyncApiDocument } from './asyncapi.ts'
import { asyncApiDocument, type Contract, contract, event } from './index.ts'
import { isJsonObject } from './json-schema-tree.ts'

const money = z.object({ amountMinor: z.bigint(), currency: z.string().length(3) })
interface Tree {
  readonly name: string
  readonly children: readonly Tree[]
}
const tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), children: z.array(tree) }))
const line = z.object({ sku: z.string(), count: z.int().min(1), price: money })
const paid = z.object({
  orderId: z.uuid(),
  lines: z.array(line),
  total: money,
  paidAt: z.date(),
  place: z.tuple([z.number(), z.number()]),
  note: z.string().nullable(),
  picture: z.instanceof(Uint8Array).optional(),
})

const orders = contract('orders', {
  operations: {},
  events: {
    paid: event({ version: 3, payload: paid, key: ({ orderId }) => orderId }),
    filed: event({
      version: 1,
      payload: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('tree'), tree }),
        z.object({ kind: z.literal('line'), line }),
      ]),
      key: (payload) => (payload.kind === 'tree' ? 'trees' : 'lines'),
    }),
  },
})
const mute = contract('mute', { operations: {} })
const options = {
  name: 'shop',
  version: '1.2.3',
  contracts: [orders, mute],
  subscriptions: [
    { module: 'notifications', event: 'orders.paid' },
    { module: 'orders', event: 'orders.paid' },
  ],
}
const jobs = [
  { module: 'mute', name: 'shout', version: 2, input: z.object({ text: z.string() }) },
] as const

function officialSchema(): ValidateFunction {
  const require = createRequire(import.meta.url)
  const file = require.resolve('@asyncapi/specs/schemas/3.0.0.json')
  const schema = JSON.parse(readFileSync(file, 'utf8'))
  const ajv = new Ajv({ strict: false, allErrors: true, meta: false })
  addFormats.default(ajv)
  return ajv.compile(schema)
}
const official = officialSchema()

function assertValid(document: unknown): void {
  official(document)
  assert.deepEqual(official.errors ?? [], [])
}

/** What a document says of the payload of a topic. */
function payloadOf(document: AsyncApiDocument, topic: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, formats: { bigint: true } })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'document', ...document })
  return ajv.compile({ $ref: `document#/components/messages/${topic}/payload` })
}

test('a document of every kind of payload is valid AsyncAPI 3.0.0', () => {
  assertValid(asyncApiDocument(options))
  assertValid(asyncApiDocument({ ...options, jobs }))
  assertValid(asyncApiDocument({ name: 'nothing', version: '0.0.0', contracts: [mute] }))
})

test('the official schema finds what is planted', () => {
  const plants: readonly ((document: Record<string, unknown>) => void)[] = [
    (document) => delete document['info'],
    (document) => Object.assign(document, { asyncapi: '3.9.0' }),
    (document) => Object.assign(document, { topics: {} }),
    (document) => Object.assign(document['operations'] as object, { bad: { action: 'shout' } }),
    (document) => Object.assign(document['channels'] as object, { bad: { adress: 'x' } }),
  ]
  for (const plant of plants) {
    const document = structuredClone(asyncApiDocument(options)) as unknown
    assert.ok(isJsonObject(document))
    plant(document)
    assert.equal(official(document), false, plant.toString())
  }
})

test('every reference leads somewhere, also through channels', () => {
  const document = asyncApiDocument({ ...options, jobs })
  const missing: string[] = []
  let count = 0
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) return part.forEach(visit)
    if (!isJsonObject(part)) return
    const { $ref } = part
    if (typeof $ref === 'string') {
      count++
      let target: unknown = document
      for (const step of $ref.split('/').slice(1)) {
        target = isJsonObject(target) && Object.hasOwn(target, step) ? target[step] : undefined
      }
      if (target === undefined) missing.push($ref)
    }
    Object.values(part).forEach(visit)
  }
  visit(document)
  assert.deepEqual(missing, [])
  assert.ok(count > 10)
})

test('an event is a channel with its message, sent by its module and received by subscribers', () => {
  const { channels, operations, components } = asyncApiDocument(options)
  assert.deepEqual(Object.keys(channels), ['orders.filed', 'orders.paid'])
  assert.equal(channels['orders.paid']?.['address'], 'orders.paid')
  const message = components['messages']?.['orders.paid']
  assert.deepEqual([message?.['x-banyan-version'], message?.['x-banyan-key']], [3, '{orderId}'])
  assert.equal(components['messages']?.['orders.filed']?.['x-banyan-key'], undefined)
  const actions = Object.entries(operations).map(([id, { action, tags }]) => [id, action, tags])
  assert.deepEqual(actions, [
    ['orders.filed.send', 'send', [{ name: 'orders' }]],
    ['orders.paid.send', 'send', [{ name: 'orders' }]],
    ['notifications.on.orders.paid', 'receive', [{ name: 'notifications' }]],
    ['orders.on.orders.paid', 'receive', [{ name: 'orders' }]],
  ])
})

test('jobs are internal channels, and only where they are asked for', () => {
  assert.ok(!JSON.stringify(asyncApiDocument(options)).includes('shout'))
  const { channels, operations } = asyncApiDocument({ ...options, jobs })
  assert.equal(channels['mute.jobs.shout']?.['x-banyan-internal'], true)
  assert.equal(channels['orders.paid']?.['x-banyan-internal'], undefined)
  assert.deepEqual(
    Object.keys(operations).filter((id) => id.includes('shout')),
    ['mute.jobs.shout.send', 'mute.jobs.shout.receive'],
  )
})

test('what is written to the wire is what the document says, and nothing else is', () => {
  const document = asyncApiDocument(options)
  const value: z.output<typeof paid> = {
    orderId: '0190a5e4-7d6c-7cc2-8d0c-3f2b1a000001',
    lines: [{ sku: 'a', count: 1, price: { amountMinor: 2n ** 60n, currency: 'EUR' } }],
    total: { amountMinor: 5n, currency: 'EUR' },
    paidAt: new Date('2026-11-22T12:00:00Z'),
    place: [1, 2],
    note: null,
    picture: new Uint8Array([1, 2, 3]),
  }
  const wire = JSON.parse(compileSchema(paid).encode(value))
  const check = payloadOf(document, 'orders.paid')
  assert.equal(check(wire), true, JSON.stringify(check.errors))
  for (const wrong of [
    { ...wire, total: 5 },
    { ...wire, place: [1, 'x'] },
    { ...wire, place: [1, 2, 'x'] },
    { ...wire, paidAt: 'soon' },
    { ...wire, lines: [{ sku: 'a', count: 0, price: wire.total }] },
  ]) {
    assert.equal(check(wrong), false, JSON.stringify(wrong))
  }
  assert.equal(check({ ...wire, later: 'a field of the next release' }), true)
  const filed = payloadOf(document, 'orders.filed')
  const leaf = { name: 'leaf', children: [] }
  assert.equal(filed({ kind: 'tree', tree: { name: 'root', children: [leaf] } }), true)
  assert.equal(filed({ kind: 'tree', tree: { name: 'root', children: [{ name: 7 }] } }), false)
})

test('a shape that is used by several events is described once', () => {
  const { components } = asyncApiDocument(options)
  const text = JSON.stringify(components['schemas'])
  assert.equal(text.split('"currency":').length - 1, 1, text)
})

test('equal contracts give equal text, whatever the order of modules', () => {
  const twin: Contract = { ...orders }
  const one = asyncApiDocument({ ...options, contracts: [twin, mute] })
  const other = asyncApiDocument({ ...options, contracts: [mute, orders] })
  assert.equal(JSON.stringify(one), JSON.stringify(other))
})
