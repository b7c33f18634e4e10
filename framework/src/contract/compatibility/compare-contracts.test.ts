import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import {
  type Access,
  type Change,
  command,
  compareContracts,
  type Contract,
  contract,
  contractManifest,
  event,
  failure,
  type FailureKind,
  query,
} from '../index.ts'

/** What one version of the contract under test says; the rest is the same in all. */
interface Version {
  readonly input?: z.ZodType
  readonly output?: z.ZodType
  readonly http?: string | undefined
  readonly status?: 200 | 201
  readonly access?: Access
  readonly failures?: readonly 'soldOut'[]
  readonly timeout?: string
  readonly idempotency?: 'optional' | 'required'
  readonly kind?: 'query' | 'command'
  readonly failureKind?: FailureKind
  readonly details?: z.ZodType
  readonly eventVersion?: number
  readonly payload?: z.ZodObject
  readonly key?: (payload: Record<string, unknown>) => string
}

const payloadSchema = z.object({ orderId: z.string(), customer: z.object({ id: z.string() }) })

function sales(version: Version = {}): Contract {
  const { http, kind = 'command', status = 200, idempotency = 'optional' } = version
  const options = {
    input: version.input ?? z.object({ sku: z.string() }),
    output: version.output ?? z.object({ id: z.string() }),
    access: version.access ?? 'customer',
    failures: version.failures ?? [],
    status,
    timeout: version.timeout ?? '5s',
    ...('http' in version && http === undefined ? {} : { http: http ?? 'POST /orders/{sku}' }),
  }
  return contract('sales', {
    failures: {
      soldOut: failure(
        version.failureKind ?? 'conflict',
        version.details ?? z.object({ sku: z.string() }),
      ),
    },
    operations: { place: kind === 'query' ? query(options) : command({ ...options, idempotency }) },
    events: {
      placed: event({
        version: version.eventVersion ?? 1,
        payload: version.payload ?? payloadSchema,
        key: version.key ?? ((payload) => String(payload['orderId'])),
      }),
    },
  })
}

function compare(before: Version | Contract, after: Version | Contract): readonly Change[] {
  const manifestOf = (version: Version | Contract) =>
    contractManifest(['operations' in version ? version : sales(version)])
  return compareContracts(manifestOf(before), manifestOf(after))
}

function lines(before: Version | Contract, after: Version | Contract): readonly string[] {
  return compare(before, after).map(
    ({ severity, place, change }) => `${severity} ${place} ${change}`,
  )
}

/** Both ways of one difference. */
const rules: readonly {
  readonly title: string
  readonly before: Version
  readonly after: Version
  readonly there: readonly string[]
  readonly back: readonly string[]
}[] = [
  {
    title: 'the kind of an operation',
    before: { kind: 'query' },
    after: { kind: 'command' },
    there: ['breaking sales.place kind changed from query to command'],
    back: ['breaking sales.place kind changed from command to query'],
  },
  {
    title: 'a route that appears',
    before: { http: undefined },
    after: {},
    there: ['safe sales.place route added'],
    back: ['breaking sales.place route removed'],
  },
  {
    title: 'the method',
    before: {},
    after: { http: 'PUT /orders/{sku}' },
    there: ['breaking sales.place method changed from POST to PUT'],
    back: ['breaking sales.place method changed from PUT to POST'],
  },
  {
    title: 'the path',
    before: {},
    after: { http: 'POST /order/{sku}' },
    there: ['breaking sales.place path changed from /orders/{sku} to /order/{sku}'],
    back: ['breaking sales.place path changed from /order/{sku} to /orders/{sku}'],
  },
  {
    title: 'the name of a path parameter, which URLs do not show',
    before: {},
    after: { http: 'POST /orders/{article}' },
    there: ['safe sales.place path parameter renamed from /orders/{sku} to /orders/{article}'],
    back: ['safe sales.place path parameter renamed from /orders/{article} to /orders/{sku}'],
  },
  {
    title: 'the status of a success',
    before: {},
    after: { status: 201 },
    there: ['breaking sales.place status changed from 200 to 201'],
    back: ['breaking sales.place status changed from 201 to 200'],
  },
  {
    title: 'access for everybody',
    before: {},
    after: { access: 'public' },
    there: ['safe sales.place access widened: everybody got it'],
    back: ['breaking sales.place access narrowed: everybody lost it'],
  },
  {
    title: 'access for signed-in callers',
    before: {},
    after: { access: 'signed-in' },
    there: ['safe sales.place access widened: signed-in callers got it'],
    back: ['breaking sales.place access narrowed: signed-in callers lost it'],
  },
  {
    title: 'access for nobody outside',
    before: { access: 'internal' },
    after: {},
    there: ['safe sales.place access widened: customer got it'],
    back: ['breaking sales.place access narrowed: customer lost it'],
  },
  {
    title: 'access for other roles',
    before: { access: ['customer', 'clerk'] },
    after: { access: ['clerk', 'auditor'] },
    there: [
      'breaking sales.place access narrowed: customer lost it',
      'safe sales.place access widened: auditor got it',
    ],
    back: [
      'breaking sales.place access narrowed: auditor lost it',
      'safe sales.place access widened: customer got it',
    ],
  },
  {
    title: 'the input, which callers send',
    before: {},
    after: { input: z.object({ sku: z.string(), count: z.int() }) },
    there: ['breaking sales.place input.count required field added'],
    back: ['breaking sales.place input.count field removed'],
  },
  {
    title: 'the output, which callers read',
    before: {},
    after: { output: z.object({ id: z.string(), at: z.date() }) },
    there: ['safe sales.place output.at required field added'],
    back: ['breaking sales.place output.at field removed'],
  },
  {
    title: 'a failure of an operation',
    before: {},
    after: { failures: ['soldOut'] },
    there: ['breaking sales.place failure soldOut added'],
    back: ['safe sales.place failure soldOut removed'],
  },
  {
    title: 'the need for an idempotency key',
    before: {},
    after: { idempotency: 'required' },
    there: ['breaking sales.place idempotency key became required'],
    back: ['safe sales.place idempotency key became optional'],
  },
  {
    title: 'the timeout',
    before: {},
    after: { timeout: '2s' },
    there: ['breaking sales.place timeout lowered from 5000 ms to 2000 ms'],
    back: ['safe sales.place timeout raised from 2000 ms to 5000 ms'],
  },
  {
    title: 'the kind of a failure',
    before: {},
    after: { failureKind: 'unavailable' },
    there: ['breaking sales.failures.soldOut kind changed from conflict to unavailable'],
    back: ['breaking sales.failures.soldOut kind changed from unavailable to conflict'],
  },
  {
    title: 'the details of a failure, which callers read',
    before: {},
    after: { details: z.object({ sku: z.string().optional() }) },
    there: ['breaking sales.failures.soldOut details.sku field became optional'],
    back: ['safe sales.failures.soldOut details.sku field became required'],
  },
  {
    title: 'the version of an event',
    before: {},
    after: { eventVersion: 2 },
    there: ['breaking sales.events.placed version changed from 1 to 2'],
    back: ['breaking sales.events.placed version changed from 2 to 1'],
  },
  {
    title: 'the payload of an event, which consumers read',
    before: {},
    after: { payload: payloadSchema.extend({ channel: z.string() }) },
    there: ['safe sales.events.placed payload.channel required field added'],
    back: ['breaking sales.events.placed payload.channel field removed'],
  },
  {
    title: 'the key of an event',
    before: {},
    after: { key: (payload) => `${(payload['customer'] as { id: string }).id}:x` },
    there: ['breaking sales.events.placed key changed from {orderId} to {customer.id}:x'],
    back: ['breaking sales.events.placed key changed from {customer.id}:x to {orderId}'],
  },
]

for (const { title, before, after, there, back } of rules) {
  test(`the comparison judges ${title}, both ways`, () => {
    assert.deepEqual(lines(before, after), there)
    assert.deepEqual(lines(after, before), back)
  })
}

test('modules, operations, failures and events may be added and not removed', () => {
  const empty = contract('sales', { operations: {} })
  assert.deepEqual(lines(empty, sales()), [
    'safe sales.place operation added',
    'safe sales.failures.soldOut failure added',
    'safe sales.events.placed event added',
  ])
  assert.deepEqual(lines(sales(), empty), [
    'breaking sales.place operation removed',
    'breaking sales.failures.soldOut failure removed',
    'breaking sales.events.placed event removed',
  ])
  const none = contractManifest([])
  const one = contractManifest([sales()])
  const summary = (changes: readonly Change[]) =>
    changes.map(({ severity, change }) => `${severity} ${change}`)
  assert.deepEqual(summary(compareContracts(none, one)), ['safe module added'])
  assert.deepEqual(summary(compareContracts(one, none)), ['breaking module removed'])
})

test('a failure whose code changed breaks those who decide by it', () => {
  const before = contractManifest([sales()])
  const failures = before.modules['sales']?.failures['soldOut']
  assert.ok(failures !== undefined && before.modules['sales'] !== undefined)
  const after = structuredClone(before) as typeof before
  Object.assign(after.modules['sales']?.failures['soldOut'] ?? {}, { code: 'SALES_GONE' })
  const [change] = compareContracts(before, after)
  assert.equal(change?.change, 'code changed from SALES_SOLD_OUT to SALES_GONE')
  assert.equal(change?.severity, 'breaking')
})

test('contracts compared with themselves differ in nothing', () => {
  for (const { before, after } of rules) {
    assert.deepEqual(compare(before, before), [])
    assert.deepEqual(compare(after, after), [])
  }
})

test('every change names a reason', () => {
  for (const { before, after } of rules) {
    for (const { reason } of [...compare(before, after), ...compare(after, before)]) {
      assert.ok(reason.length > 10)
    }
  }
})

test('a manifest is plain JSON: it survives a file, and equal contracts give equal text', () => {
  const manifest = contractManifest([sales({ access: ['b', 'a'] })])
  const text = JSON.stringify(manifest)
  assert.deepEqual(JSON.parse(text), manifest)
  assert.equal(JSON.stringify(contractManifest([sales({ access: ['a', 'b'] })])), text)
  assert.equal(manifest.modules['sales']?.events['placed']?.key, '{orderId}')
  assert.equal(manifest.modules['sales']?.operations['place']?.timeoutMs, 5_000)
})

test('the order of declaration changes nothing', () => {
  const other = contract('other', { operations: {} })
  assert.equal(
    JSON.stringify(contractManifest([sales(), other])),
    JSON.stringify(contractManifest([other, sales()])),
  )
})

test('a key that is computed in a way that cannot be read off is left open, and no change', () => {
  const key = (payload: Record<string, unknown>): string => {
    const items = payload['orderId'] as Iterable<string>
    return [...items].join('')
  }
  const manifest = contractManifest([sales({ key })])
  assert.equal(manifest.modules['sales']?.events['placed']?.key, undefined)
  assert.deepEqual(compare({ key }, { key }), [])
  assert.deepEqual(lines({ key }, {}), [
    'breaking sales.events.placed key changed from computed to {orderId}',
  ])
})
