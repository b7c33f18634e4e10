import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countKills, planParity, readWish } from './parity.ts'

const texts: Record<string, string> = {
  'framework/src/data/row.test.ts': '',
  'framework/src/testing/parity/values.test.ts': '',
  'shop/src/cart/cart.test.ts': 'openTestShop()',
  'shop/src/money/money.test.ts': '',
}
const read = (file: string): string => texts[file] ?? ''
const linesOf = (args: readonly string[]): string[] => {
  const wish = readWish(args)
  assert.ok(wish !== undefined)
  return planParity(wish, Object.keys(texts), read).map(({ file, runner, services = '' }) =>
    `${file} ${runner} ${services}`.trimEnd(),
  )
}

test('all of parity is the suite, the shop under every runner, and placements', () => {
  const lines = linesOf([])
  assert.deepEqual(lines.slice(0, 5), [
    'framework/src/testing/parity/values.test.ts inline',
    'shop/src/cart/cart.test.ts inline',
    'shop/src/cart/cart.test.ts wire',
    'shop/src/cart/cart.test.ts split',
    'shop/src/cart/cart.test.ts split-kill',
  ])
  assert.equal(new Set(lines.slice(5).map((line) => line.split(' ')[2])).size, 15)
})

test('runners and placements can be asked for alone', () => {
  assert.ok(linesOf(['--runners']).every((line) => !line.includes('#')))
  const placed = linesOf(['--placements', '2'])
  assert.ok(placed.every((line) => / split #[12]$/.test(line)))
  assert.ok(placed.length >= 6)
})

test('a seed is passed on, and is no choice between runners and placements', () => {
  assert.deepEqual(readWish(['--seed', '5']), { runners: true, placements: 15, seed: 5 })
})

test('an argument that is none is refused', () => {
  for (const args of [['--kill'], ['--placements', 'x'], ['7'], ['--seed']]) {
    assert.equal(readWish(args), undefined)
  }
})

test('deaths are summed over all runs', () => {
  const outputs = ['killed instances: 3\nkilled instances: 0\n', '', 'x\nkilled instances: 12']
  assert.equal(countKills(outputs.map((output) => ({ output }))), 15)
})
