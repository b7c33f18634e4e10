import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSystemClock } from '../../kernel/index.ts'
import { type CarriedMessage, messagesTransportIncapable } from '../../messages/index.ts'
import { tryReadRecord, writeRecord } from './carried-form.ts'
import { slicesOf } from './consumption.ts'
import { namesOf } from './names.ts'
import type { KafkaTransportOptions } from './options.ts'
import { planChunks } from './publish-chunks.ts'
import { assertTopic, topicBytes } from './topic-promises.ts'

const options: KafkaTransportOptions = { brokers: ['x:1'], clock: createSystemClock() }
const safe = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'max.message.bytes': String(topicBytes),
  'min.insync.replicas': '2',
  'unclean.leader.election.enable': 'false',
}

interface Case {
  readonly settings?: Readonly<Record<string, string>>
  readonly replicas?: number
  readonly options?: Partial<KafkaTransportOptions>
}

function judge({ settings = {}, replicas = 3, options: given = {} }: Case): void {
  const all = new Map(Object.entries({ ...safe, ...settings }))
  assertTopic(
    { name: 'banyan.shop.orders.paid', replicas, settings: all },
    { ...options, ...given },
  )
}

const refused: readonly (readonly [string, Case, RegExp])[] = [
  ['is compacted', { settings: { 'cleanup.policy': 'compact,delete' } }, /cleanup\.policy/],
  ['deletes by age', { settings: { 'retention.ms': '604800000' } }, /retention\.ms is 604800000/],
  [
    'deletes sooner than accepted',
    { settings: { 'retention.ms': '3600000' }, options: { retentionMs: 86_400_000 } },
    /stay for 86400000 ms/,
  ],
  ['deletes by size', { settings: { 'retention.bytes': '1073741824' } }, /retention\.bytes/],
  ['refuses 1 MiB', { settings: { 'max.message.bytes': '1048588' } }, /max\.message\.bytes/],
  [
    'elects who lacks messages',
    { settings: { 'unclean.leader.election.enable': 'true' } },
    /unclean\.leader/,
  ],
  ['has one copy', { replicas: 1 }, /there is one copy/],
  ['acknowledges with one copy', { settings: { 'min.insync.replicas': '1' } }, /min\.insync/],
]
for (const [title, wrong, words] of refused) {
  test(`a topic that ${title} is refused`, () => {
    assert.throws(
      () => judge(wrong),
      (error) => {
        assert.ok(messagesTransportIncapable.is(error), String(error))
        assert.match(error.message, words)
        assert.match(error.message, /topic banyan\.shop\.orders\.paid/)
        return true
      },
    )
  })
}

test('a topic that keeps its promises, or breaks those that were given up, is taken', () => {
  judge({})
  judge({ settings: { 'retention.ms': '86400000' }, options: { retentionMs: 86_400_000 } })
  judge({
    replicas: 1,
    settings: { 'min.insync.replicas': '1' },
    options: { acceptSingleCopy: true },
  })
  assertTopic({ name: 'untold', replicas: 3, settings: new Map() }, options)
})

function message(number: number, payload: string): CarriedMessage {
  return { id: `${number}`, name: 'a.b', version: 1, key: 'k', payload, headers: '{}' }
}

test('a batch is split into chunks that a broker takes whole, in order', () => {
  const half = 'x'.repeat(600 * 1024)
  const batch = [...Array(6).keys()].map((number) => message(number, number < 3 ? '{}' : half))
  const chunks = planChunks(batch)
  assert.deepEqual(
    chunks.map(({ length }) => length),
    [4, 1, 1],
  )
  assert.deepEqual(chunks.flat(), batch)
  assert.deepEqual(planChunks([]), [])
})

test('what arrives is given in slices of 500 messages and 8 MiB', () => {
  const record = (bytes: number) => ({
    ...{ key: null, timestamp: '0', attributes: 0, offset: '0', headers: {} },
    value: Buffer.alloc(bytes),
  })
  const sizes = (count: number, bytes: number): number[] =>
    slicesOf(Array.from({ length: count }, () => record(bytes))).map(({ length }) => length)
  assert.deepEqual(sizes(1_200, 10), [500, 500, 200])
  assert.deepEqual(sizes(5, 3 * 1024 * 1024), [2, 2, 1])
  assert.deepEqual(sizes(2, 9 * 1024 * 1024), [1, 1])
  assert.deepEqual(sizes(0, 0), [])
})

test('what somebody else published is not taken for a message', () => {
  const sent = message(1, '{"a":"ü"}')
  const { value, headers = {} } = writeRecord(sent)
  const record = {
    ...{ key: null, timestamp: '0', attributes: 0, offset: '0', headers },
    value: Buffer.from(String(value)),
  }
  assert.deepEqual(tryReadRecord(record), sent)
  assert.equal(tryReadRecord({ ...record, value: null }), undefined)
  assert.equal(tryReadRecord({ ...record, headers: {} }), undefined)
  const broken = { ...headers, 'banyan-version': 'one' }
  assert.equal(tryReadRecord({ ...record, headers: broken }), undefined)
})

test('different names stay different in Kafka, are legal there, and too long ones are refused', () => {
  const names = namesOf('my_shop')
  assert.equal(names.topicOf('orders.paid'), 'banyan.my_5fshop.orders.paid')
  assert.equal(names.groupOf('shipping'), 'banyan.my_5fshop.shipping')
  assert.notEqual(names.topicOf('a.b'), names.topicOf('a_b'))
  assert.match(names.topicOf('ä *>.b'), /^[A-Za-z0-9._-]+$/)
  assert.throws(
    () => names.topicOf('x'.repeat(250)),
    (error) => messagesTransportIncapable.is(error),
  )
})
