import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredReply, type OrderRequest, priceOrder, sampleOrder } from '../endpoint/order.ts'
import { delayMsMax, delayMsMin, delayMsOf } from './delay.ts'
import { runLoad } from './load.ts'

const orders = Array.from({ length: 512 }, (_, index) => sampleOrder(index))
const reply = (order: OrderRequest) => declaredReply(priceOrder(order, 'user-1'))

test('as many calls are under way as there are callers, never more', async () => {
  let inFlight = 0
  let inFlightMax = 0
  const call = async (order: OrderRequest) => {
    inFlight += 1
    inFlightMax = Math.max(inFlightMax, inFlight)
    await new Promise(setImmediate)
    inFlight -= 1
    return reply(order)
  }
  const load = await runLoad(call, { callers: 7, seconds: 0.05, orders })
  assert.equal(inFlightMax, 7)
  assert.equal(inFlight, 0)
  assert.equal(load.errors, 0)
  assert.ok(load.calls > 7)
})

test('failed calls are counted with the first message, and end a hopeless loop', async () => {
  const call = () => Promise.reject(new Error('refused'))
  const load = await runLoad(call, { callers: 2, seconds: 30, orders })
  assert.ok(load.errors >= 100)
  assert.equal(load.firstError, 'Error: refused')
})

test('the reply to another order is an error', async () => {
  const other = reply(sampleOrder(100_000))
  const call = async () => other
  const load = await runLoad(call, { callers: 1, seconds: 30, orders })
  assert.match(load.firstError ?? '', /another order/)
})

test('delays follow from the order and spread evenly between their bounds', () => {
  const delays = orders.map(delayMsOf)
  assert.deepEqual(orders.map(delayMsOf), delays)
  assert.ok(delays.every((ms) => ms >= delayMsMin && ms < delayMsMax))
  for (const bound of [1.75, 2.5, 3.25]) {
    const share = delays.filter((ms) => ms < bound).length / delays.length
    assert.ok(Math.abs(share - (bound - delayMsMin) / (delayMsMax - delayMsMin)) < 0.02)
  }
})
