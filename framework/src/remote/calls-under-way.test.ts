import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../kernel/index.ts'
import { CallsUnderWay } from './calls-under-way.ts'
import { Journey } from './journey.ts'
import { FakeCall } from './router.fixture.ts'

const clock = new FakeClock()

const underWay = () => {
  const call = new FakeCall(clock)
  return { call, journey: new Journey(call) }
}

test('a call is found with what was noted last, until it is deleted', () => {
  const calls = new CallsUnderWay()
  const { call, journey } = underWay()
  const later = new Journey(call)
  assert.equal(calls.get(call), undefined)
  calls.set(call, journey)
  calls.set(call, later)
  assert.equal(calls.get(call), later)
  assert.equal(calls.size, 1)
  assert.equal(calls.delete(call), true)
  assert.equal(calls.delete(call), false)
  assert.equal(calls.get(call), undefined)
  assert.equal(calls.size, 0)
})

test('a call that ended says nothing about the one that took its place', () => {
  const calls = new CallsUnderWay()
  const first = underWay()
  const second = underWay()
  calls.set(first.call, first.journey)
  calls.delete(first.call)
  calls.set(second.call, second.journey)
  assert.equal(calls.get(first.call), undefined)
  assert.equal(calls.delete(first.call), false)
  assert.equal(calls.get(second.call), second.journey)
})

test('all of them are visited, without those that are deleted meanwhile', () => {
  const calls = new CallsUnderWay()
  const all = [underWay(), underWay(), underWay()]
  for (const { call, journey } of all) calls.set(call, journey)
  const visited = []
  for (const [call] of calls) {
    visited.push(call)
    calls.delete(call)
    if (visited.length === 1 && all[1] !== undefined) calls.delete(all[1].call)
  }
  assert.deepEqual(visited, [all[0]?.call, all[2]?.call])
  assert.equal(calls.size, 0)
})

test('slots are used again: a thousand calls, two at a time, take two', () => {
  const calls = new CallsUnderWay()
  let previous = underWay()
  calls.set(previous.call, previous.journey)
  const slots = new Set<number>()
  for (let turn = 0; turn < 1_000; turn++) {
    const next = underWay()
    calls.set(next.call, next.journey)
    slots.add(next.call.senderSlot)
    calls.delete(previous.call)
    previous = next
  }
  assert.equal(slots.size, 2)
})
