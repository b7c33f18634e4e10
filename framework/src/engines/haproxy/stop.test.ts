import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { sleep } from '../../kernel/index.ts'
import { clock, haproxy, serving } from './gateway.fixture.ts'
import { send } from './load.fixture.ts'

test(
  'stopping refuses new connections at once and finishes what is in flight',
  haproxy,
  async () => {
    await using made = await serving(['a'])
    const slow = send(`${made.url}/orders?ms=1200`)
    await sleep(clock, 300)
    const stopped = made.gateway.stop()
    await sleep(clock, 150)
    await assert.rejects(send(`${made.url}/orders`), /ECONNREFUSED/)
    assert.deepEqual(await slow, { status: 200, text: 'a' })
    await stopped
    assert.deepEqual(await made.gateway.exited.then(({ signal }) => signal), null)
    assert.equal(made.gateway.pid, undefined)
    for (const name of ['runtime.sock', 'master.sock', 'haproxy.pid', 'keeper']) {
      assert.equal(existsSync(join(made.folder, name)), false, name)
    }
    assert.equal(made.events.at(-1)?.type, 'stopped')
  },
)

test('idle connections of clients hold a stop up for the notice only', haproxy, async () => {
  await using made = await serving(['a'])
  const agent = new Agent({ keepAlive: true })
  await send(`${made.url}/orders`, { agent })
  const startMs = performance.now()
  await made.gateway.stop()
  const tookMs = performance.now() - startMs
  agent.destroy()
  assert.ok(tookMs >= 200 && tookMs < 2_000, `took ${tookMs} ms`)
})

test('what is not done at the deadline is cut off', haproxy, async () => {
  await using made = await serving(['a'])
  const slow = send(`${made.url}/orders?ms=6000`).catch((error: unknown) => error)
  await sleep(clock, 300)
  const startMs = performance.now()
  await made.gateway.stop(400)
  const tookMs = performance.now() - startMs
  assert.ok(tookMs >= 400 && tookMs < 3_000, `took ${tookMs} ms`)
  assert.ok((await slow) instanceof Error)
})

test('a stopped gateway can be stopped again, and one that never ran too', haproxy, async () => {
  await using made = await serving(['a'])
  await Promise.all([made.gateway.stop(0), made.gateway.stop(0)])
  await made.gateway.stop(0)
  assert.equal(made.events.filter(({ type }) => type === 'stopped').length, 1)
})
