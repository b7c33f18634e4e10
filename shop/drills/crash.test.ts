import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { openCrashSweep } from '../testing/crash-sweep.ts'
import { ordersFaultPoints } from '../src/orders/contract.ts'
import { paymentsFaultPoints } from '../src/payments/contract.ts'
import { checkoutFaultPoints } from '../src/checkout/contract.ts'

const points: readonly string[] = [
  ...checkoutFaultPoints,
  ...paymentsFaultPoints,
  ...ordersFaultPoints,
]
const lanes = 3

test(
  'killed at any commit boundary, the shop loses, doubles and forgets nothing',
  { concurrency: lanes },
  async (t) => {
    const waiting = [...points.entries()]
    const exercised: string[] = []
    const lane = async (): Promise<void> => {
      await using sweep = await openCrashSweep()
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, point] = next
        const survivor = index % 2 === 0 ? 'customers' : 'recovery'
        await t.test(`${point}, settled by ${survivor}`, () => sweep.kill(point, survivor))
        exercised.push(point)
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    assert.deepEqual(exercised.toSorted(), [...points].toSorted())
  },
)

test('every fault point in the source is on a list, and none is listed twice', () => {
  assert.equal(new Set(points).size, points.length)
  const folders = ['checkout', 'payments', 'orders', 'inventory', 'cart', 'ledger', 'catalog']
  for (const folder of folders) {
    const url = new URL(`../src/${folder}/`, import.meta.url)
    const files = readdirSync(url).filter((name) => /(?<!\.test)\.ts$/.test(name))
    for (const file of files) {
      const source = readFileSync(new URL(file, url), 'utf8')
      for (const [, name = ''] of source.matchAll(/(?:faultPoint|reach)\((?:ctx, )?'([^']+)'/g)) {
        assert.ok(points.includes(name), `${folder}/${file}: ${name}`)
      }
    }
  }
})
