import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  createIds,
  createSeededRandom,
  createSystemRandom,
  FakeClock,
  shardCount,
  shardOfId,
  shardOfKey,
} from './index.ts'

test('an id is a UUIDv7 of its millisecond', () => {
  const clock = new FakeClock(0x0123_4567_89ab)
  const id = createIds(clock, createSystemRandom()).next()
  assert.match(id, /^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('an id carries the shard that it was made for', () => {
  const ids = createIds(new FakeClock(), createSeededRandom(1))
  fc.assert(
    fc.property(fc.nat(shardCount - 1), (shard) => {
      assert.equal(shardOfId(ids.next(shard)), shard)
    }),
  )
})

test('without a shard the shards are spread', () => {
  const ids = createIds(new FakeClock(), createSeededRandom(1))
  const seen = new Set(Array.from({ length: 4_000 }, () => shardOfId(ids.next())))
  assert.ok(seen.size > 2_000, `${seen.size}`)
})

test('ids of later milliseconds sort after those of earlier ones, and none comes twice', async () => {
  const clock = new FakeClock()
  const ids = createIds(clock, createSystemRandom())
  const made: string[] = []
  for (let round = 0; round < 50; round++) {
    made.push(ids.next(4_095 - round), ids.next(round))
    await clock.advance(1)
  }
  assert.equal(new Set(made).size, made.length)
  for (let index = 2; index < made.length; index++) {
    const [earlier = '', later = ''] = [made[index - 2], made[index]]
    assert.ok(earlier < later)
  }
})

test('what is no UUIDv7 carries no shard', () => {
  const bad = ['', 'x', '00000000-0000-4000-8000-000000000000', `${'0'.repeat(500)}`]
  for (const id of bad) {
    assert.throws(() => shardOfId(id), { code: 'KERNEL_ID_INVALID', kind: 'invalid' })
  }
  assert.throws(() => shardOfId('018F0000-0000-7000-8000-000000000000'))
})

test('the shard of a key never changes, because rows are placed by it', () => {
  assert.deepEqual(
    ['', 'a', 'sku-1', 'Straße', '🍌'].map(shardOfKey),
    [3213, 2314, 3178, 3388, 2377],
  )
  const counts = new Map<number, number>()
  for (let index = 0; index < 40_960; index++) {
    const shard = shardOfKey(`customer-${index}`)
    counts.set(shard, (counts.get(shard) ?? 0) + 1)
  }
  assert.ok(counts.size > 4_000)
  assert.ok(Math.max(...counts.values()) < 40)
})

test('seeded randomness repeats itself, and stays within its range', () => {
  const [one, other] = [createSeededRandom(7), createSeededRandom(7)]
  assert.deepEqual(one.bytes(32), other.bytes(32))
  assert.notDeepEqual(createSeededRandom(8).bytes(32), createSeededRandom(7).bytes(32))
  for (let index = 0; index < 1_000; index++) {
    const fraction = one.fraction()
    assert.ok(fraction >= 0 && fraction < 1)
  }
})

test('system randomness never hands out the same bytes again', () => {
  const random = createSystemRandom()
  const seen = new Set(Array.from({ length: 2_000 }, () => random.bytes(16).toString('hex')))
  assert.equal(seen.size, 2_000)
  assert.equal(random.bytes(4_096).length, 4_096)
})
