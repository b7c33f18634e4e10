import { parseArgs } from 'node:util'
import { createSystemClock } from 'banyan/kernel'
import { checkoutFaultPoints } from '../src/checkout/contract.ts'
import { ordersFaultPoints } from '../src/orders/contract.ts'
import { paymentsFaultPoints } from '../src/payments/contract.ts'
import { openCrashSweep, type Survivor } from '../testing/crash-sweep.ts'

const { values } = parseArgs({
  options: {
    /** Kill at the first, second … passing of each point. */
    passings: { type: 'string', default: '2' },
    /** Only points whose name contains this. */
    only: { type: 'string', default: '' },
  },
})
const points = [...checkoutFaultPoints, ...paymentsFaultPoints, ...ordersFaultPoints]
const survivors: readonly Survivor[] = ['customers', 'recovery']
/** Of the orders of one round only one is given back: its points are passed once. */
const passedOnce = /^(orders|payments\.(refund|void)|checkout\.(abandon|void))\b/

const print = (line: string): boolean => process.stdout.write(`${line}\n`)

await using sweep = await openCrashSweep()
const clock = createSystemClock()
const startMs = clock.monotonicMs()
let rounds = 0
for (const point of points.filter((name) => name.includes(values.only))) {
  const passings = passedOnce.test(point) ? 1 : Number(values.passings)
  for (let nth = 1; nth <= passings; nth++) {
    for (const survivor of survivors) {
      await sweep.kill(point, survivor, nth)
      rounds++
      print(`${point}@${nth} settled by ${survivor}: sound`)
    }
  }
}
const seconds = Math.round((clock.monotonicMs() - startMs) / 1_000)
print(`${rounds} kills in ${seconds} s: nothing lost, doubled or forgotten`)
