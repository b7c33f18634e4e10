import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../kernel/index.ts'
import { LeaseSize } from './lease-size.ts'

test('slow work is held in small numbers, fast work for about 100 ms, at most 2,000', async () => {
  const clock = new FakeClock()
  const size = new LeaseSize(clock, 128)
  assert.equal(size.held, 128)
  await clock.advance(100)
  size.ended(10)
  assert.equal(size.held, 128)
  await clock.advance(100)
  size.ended(500)
  assert.equal(size.held, 500)
  await clock.advance(100)
  size.ended(100_000)
  assert.equal(size.held, 2_000)
})

test('what stands still is held in small numbers again', async () => {
  const clock = new FakeClock()
  const size = new LeaseSize(clock, 128)
  await clock.advance(100)
  size.ended(1_000)
  assert.equal(size.held, 1_000)
  await clock.advance(500)
  assert.equal(size.held, 128)
})

test('a lease is not worth its statement before a quarter is free, and takes at most 1,000', async () => {
  const clock = new FakeClock()
  const size = new LeaseSize(clock, 128)
  assert.equal(size.room(0), 128)
  assert.equal(size.room(96), 32)
  assert.equal(size.room(97), 0)
  assert.equal(size.room(500), 0)
  await clock.advance(100)
  size.ended(2_000)
  assert.equal(size.room(0), 1_000)
})
