import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kernelFaultInjected } from 'banyan/kernel'
import { openTestShop, shippingAddress } from '../../testing/test-shop.ts'
import { paymentsFaultPoints } from '../payments/contract.ts'
import { checkout, checkoutFaultPoints } from './contract.ts'

const undoing = /\.(abandon|void|release)\./
const points = [...checkoutFaultPoints, ...paymentsFaultPoints].filter(
  (point) => !point.includes('refund'),
)

test('an error at any commit boundary leaves a checkout that the same request completes', async () => {
  await using shop = await openTestShop({ runner: ['inline', 'split'] })
  await shop.stock('BOOT', points.length)
  for (const point of points) {
    const ann = shop.customer()
    const cartId = await shop.cartWith(ann, 'BOOT')
    const instrument = undoing.test(point) ? 'tok_capture_refused' : 'tok_visa'
    const submit = () =>
      ann
        .of(checkout)
        .submit({ cartId, payment: { instrument }, shippingAddress }, { idempotencyKey: 'k' })
    const { faults } = shop.app.world
    faults.recording = true
    faults.arm(point, 'fail')
    const [first] = await Promise.allSettled([submit()])
    assert.ok(faults.reached.has(point), `${point} was not reached`)
    if (first.status === 'fulfilled') assert.equal(first.value.status, 'pending', point)
    else assert.ok(kernelFaultInjected.is(first.reason), `${point}: ${String(first.reason)}`)
    const again = submit()
    if (instrument === 'tok_visa') assert.equal((await again).status, 'placed', point)
    else await assert.rejects(again, { code: 'CHECKOUT_PAYMENT_DECLINED' }, point)
    faults.reached.clear()
  }
  await shop.assertSound()
})
