import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { testApplication } from 'banyan/testing'
import { startPspSimulator } from '../shop/psp/index.ts'
import { shop } from '../shop/src/application.ts'

const address = 'http://127.0.0.1:4000'

/** The lines that the README tells its reader to type, against another address. */
function readCommands(url: string): string {
  const text = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const [, block = ''] = /<!-- snippet: shell -->\n```sh\n([\s\S]*?)```/.exec(text) ?? []
  assert.ok(block.includes(address), 'the README has a block of commands for the shop')
  return block.replaceAll(address, url)
}

test('the lines of the README browse, buy once though they send it twice, and read the order', async () => {
  await using psp = await startPspSimulator()
  await using app = await testApplication(shop, {
    http: true,
    seed: true,
    config: { payments: { pspUrl: psp.url } },
  })
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  const { stdout } = await promisify(execFile)('sh', ['-e', '-c', readCommands(app.url)], {
    env: { PATH: path },
    timeout: 30_000,
  })
  const lines = stdout.trim().split('\n')
  const [found, , cart, bought, order, orders] = lines.map((line) => JSON.parse(line))
  assert.equal(found.products.length, 3)
  assert.equal(cart.lines[0].count, 2)
  assert.equal(bought.status, 'placed')
  assert.deepEqual([order.orderId, order.state], [bought.orderId, 'paid'])
  assert.deepEqual(order.total, cart.total)
  assert.equal(orders.orders.length, 1)
  assert.equal(psp.provider.list().length, 1)
})
