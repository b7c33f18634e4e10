import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CarriedMessage } from '../../messages/index.ts'
import { tryReadMessage, writeHeaders } from './carried-form.ts'
import { tryReadDelivery } from './delivery.ts'
import { namesOf } from './names.ts'
import { planRounds } from './publish-rounds.ts'

function message(id: string, key: string | undefined, payload = '{}'): CarriedMessage {
  return { id, name: 'orders.paid', version: 1, key, payload, headers: '{}' }
}

const idsOf = (rounds: readonly CarriedMessage[][]): string[] =>
  rounds.map((round) => round.map(({ id }) => id).join(' '))

test('no round holds two messages of one topic with one key, and rounds keep their order', () => {
  const batch = [
    message('a1', 'a'),
    message('a2', 'a'),
    message('b1', 'b'),
    message('n1', undefined),
    message('a3', 'a'),
    message('n2', undefined),
    { ...message('c1', 'a'), name: 'orders.sent' },
  ]
  assert.deepEqual(idsOf(planRounds(batch)), ['a1 b1 n1 n2 c1', 'a2', 'a3'])
})

test('a round is split at 512 messages and at 8 MiB', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => message(`${index}`, undefined))
  assert.deepEqual(
    planRounds(many).map(({ length }) => length),
    [512, 488],
  )
  const large = 'x'.repeat(1024 * 1024)
  const heavy = Array.from({ length: 9 }, (_, index) => message(`${index}`, undefined, large))
  assert.deepEqual(
    planRounds(heavy).map(({ length }) => length),
    [8, 1],
  )
})

test('different names stay different in NATS, and are legal there', () => {
  const names = namesOf('my.shop')
  assert.equal(names.stream, 'banyan-my_2eshop')
  assert.equal(names.subjectOf('orders.paid'), 'banyan-my_2eshop.topic.orders.paid')
  const legal = [
    names.durableOf('a', 'b.c'),
    names.durableOf('a+b', 'c'),
    names.durableOf('a', 'b+c'),
    names.durableOf('a_2b', 'c *>'),
    names.durableOf('ä', 'c'),
  ]
  assert.equal(new Set(legal).size, legal.length)
  for (const name of legal) assert.match(name, /^[A-Za-z0-9_+-]+$/)
})

test('what somebody else published is not taken for a message', () => {
  const sent = message('1', 'ü\u0000\n"')
  const written = writeHeaders(sent)
  assert.deepEqual(tryReadMessage(written, Buffer.from(sent.payload)), sent)
  assert.equal(tryReadMessage(undefined, Buffer.from('{}')), undefined)
  for (const broken of ['unquoted', '"open', '7']) {
    written.set('Banyan-Name', broken)
    assert.equal(tryReadMessage(written, Buffer.from('{}')), undefined)
  }
})

test('deliveries are read with and without a domain', () => {
  const delivery = { sequence: 12, number: 34 }
  assert.deepEqual(tryReadDelivery('$JS.ACK.s.c.1.12.34.99.0'), delivery)
  assert.deepEqual(tryReadDelivery('$JS.ACK.hub.hash.s.c.1.12.34.99.0.x'), delivery)
  assert.equal(tryReadDelivery('_INBOX.x'), undefined)
  assert.equal(tryReadDelivery(undefined), undefined)
})
