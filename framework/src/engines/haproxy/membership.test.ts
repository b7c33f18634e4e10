import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { sleep } from '../../kernel/index.ts'
import { clock, gatewayOf, haproxy, planOf, serving, startInstance } from './gateway.fixture.ts'
import { haproxyInstanceInvalid, haproxyListenFailed, haproxyReloadFailed } from './index.ts'
import { Load, send } from './load.fixture.ts'
import { askMaster, askWorker } from './runtime-api.ts'
import { waitUntil } from './wait-until.ts'

/** Which worker serves: a reload would bring another one. */
async function workerOf(folder: string): Promise<string> {
  const text = await askWorker(join(folder, 'runtime.sock'), 'show info')
  return /^Pid: (\d+)$/m.exec(text)?.[1] ?? ''
}

test(
  'instances come, drain and go under load without a failure and without a reload',
  haproxy,
  async () => {
    await using made = await serving(['a', 'b'])
    const { gateway, folder } = made
    const [a, b] = made.instances
    assert.ok(a !== undefined && b !== undefined)
    const worker = await workerOf(folder)
    using load = new Load(made.url, 300)
    using c = await startInstance('c')
    await gateway.apply({ instances: [a.as('ready'), b.as('ready'), c.as('ready')] })
    await sleep(clock, 300)
    await gateway.apply({ instances: [a.as('drain'), b.as('ready'), c.as('ready')] })
    await sleep(clock, 300)
    await gateway.apply({ instances: [b.as('ready'), c.as('ready')] })
    a.kill()
    await sleep(clock, 300)
    const { failures, byInstance } = await load.stop()
    assert.deepEqual(failures, [])
    assert.equal(byInstance.size, 3)
    assert.equal(await workerOf(folder), worker)
    const isDeleted = await waitUntil({ clock, timeoutMs: 5_000, everyMs: 50 }, async () =>
      (await gateway.stats()).instances.length === 2 ? true : undefined,
    )
    assert.equal(isDeleted, true)
    const told = made.events.filter(({ type }) => type !== 'started')
    assert.deepEqual(told, [
      { type: 'applied', added: ['a', 'b'], altered: [], removed: [] },
      { type: 'applied', added: ['c'], altered: [], removed: [] },
      { type: 'applied', added: [], altered: ['a'], removed: [] },
      { type: 'applied', added: [], altered: [], removed: ['a'] },
      { type: 'deleted', instances: ['a'] },
    ])
  },
)

test(
  'the file names the instances before the running process does, so that a reload forgets none',
  haproxy,
  async () => {
    await using made = await serving(['a', 'b'])
    const [a, b] = made.instances
    assert.ok(a !== undefined && b !== undefined)
    await made.gateway.apply({ instances: [a.as('drain'), b.as('ready', 7)] })
    const config = await readFile(join(made.folder, 'haproxy.cfg'), 'utf8')
    assert.match(config, new RegExp(`^  server a 127\\.0\\.0\\.1:${a.port} .* weight 0$`, 'm'))
    assert.match(config, new RegExp(`^  server b 127\\.0\\.0\\.1:${b.port} .* weight 7$`, 'm'))
    await askMaster(join(made.folder, 'master.sock'), 'reload')
    await sleep(clock, 500)
    await made.gateway.apply({ instances: [a.as('drain'), b.as('ready', 7)] })
    const { instances } = await made.gateway.stats()
    assert.deepEqual(
      instances.map(({ id, state, weight }) => [id, state, weight]),
      [
        ['a', 'drain', 100],
        ['b', 'up', 7],
      ],
    )
  },
)

test('what a draining or removed instance has in flight is finished', haproxy, async () => {
  await using made = await serving(['a'])
  const [a] = made.instances
  assert.ok(a !== undefined)
  const first = send(`${made.url}/orders?ms=900`)
  await waitForInFlight(made.gateway, 1)
  using b = await startInstance('b')
  await made.gateway.apply({ instances: [a.as('drain'), b.as('ready')] })
  assert.equal((await send(`${made.url}/orders`)).text, 'b')
  await made.gateway.apply({ instances: [b.as('ready')] })
  assert.equal((await made.gateway.stats()).instances.find(({ id }) => id === 'a')?.state, 'out')
  assert.deepEqual(await first, { status: 200, text: 'a' })
})

async function waitForInFlight(
  gateway: Awaited<ReturnType<typeof gatewayOf>>['gateway'],
  count: number,
): Promise<void> {
  await waitUntil({ clock, timeoutMs: 5_000, everyMs: 10 }, async () => {
    const { instances } = await gateway.stats()
    return instances.reduce((sum, { inFlight }) => sum + inFlight, 0) >= count ? true : undefined
  })
}

test('applying the same state again changes nothing', haproxy, async () => {
  await using made = await serving(['a', 'b'])
  const state = { instances: made.instances.map((one) => one.as('ready')) }
  const before = made.events.length
  await made.gateway.apply(state)
  await made.gateway.apply(state)
  assert.equal(made.events.length, before)
})

test('what others changed in the running process is put right', haproxy, async () => {
  await using made = await serving(['a', 'b'])
  const socket = join(made.folder, 'runtime.sock')
  await askWorker(socket, 'set server instances/a state maint')
  await askWorker(socket, 'set server instances/b weight 3')
  await made.gateway.apply({ instances: made.instances.map((one) => one.as('ready')) })
  assert.deepEqual(made.events.at(-1), {
    type: 'applied',
    added: [],
    altered: ['a', 'b'],
    removed: [],
  })
  const { instances } = await made.gateway.stats()
  assert.deepEqual(
    new Set(instances.map(({ state, weight }) => `${state} ${weight}`)),
    new Set(['up 100']),
  )
})

test(
  'an instance that comes back under its name at another address is served at once',
  haproxy,
  async () => {
    await using made = await serving(['a', 'b'])
    const [a, b] = made.instances
    assert.ok(a !== undefined && b !== undefined)
    a.kill()
    b.kill()
    await once(b.process, 'exit')
    assert.equal((await send(`${made.url}/orders`)).status, 503)
    using again = await startInstance('a')
    await made.gateway.apply({ instances: [again.as('ready')] })
    assert.deepEqual(await send(`${made.url}/orders`), { status: 200, text: 'a' })
  },
)

test('weights share the requests out', haproxy, async () => {
  await using made = await serving(['a', 'b'], { weights: { a: 200, b: 50 } })
  const count = async (requests: number): Promise<Map<string, number>> => {
    const counts = new Map<string, number>()
    for (let index = 0; index < requests; index++) {
      const { text } = await send(`${made.url}/orders?quiet`)
      counts.set(text, (counts.get(text) ?? 0) + 1)
    }
    return counts
  }
  const counts = await count(250)
  const share = (counts.get('b') ?? 0) / 250
  assert.ok(share > 0.05 && share < 0.4, `b got ${share}`)
  const [a, b] = made.instances
  assert.ok(a !== undefined && b !== undefined)
  await made.gateway.apply({ instances: [a.as('ready', 0), b.as('ready', 50)] })
  assert.deepEqual([...(await count(20)).keys()], ['b'])
})

test(
  'an instance that says it is not ready gets nothing new, and no request fails',
  haproxy,
  async () => {
    await using made = await serving(['a', 'b'])
    const [a] = made.instances
    using load = new Load(made.url, 200)
    await sleep(clock, 200)
    a?.process.kill('SIGUSR2')
    const isDown = await waitUntil({ clock, timeoutMs: 3_000, everyMs: 20 }, async () =>
      (await made.gateway.stats()).instances.some(({ state }) => state === 'down')
        ? true
        : undefined,
    )
    assert.equal(isDown, true)
    a?.kill()
    await sleep(clock, 200)
    const { failures } = await load.stop()
    assert.deepEqual(failures, [])
  },
)

test('states that no configuration may hold are refused', haproxy, async () => {
  await using made = await gatewayOf()
  await made.gateway.start()
  const good = { id: 'a', address: { host: '127.0.0.1', port: 80 }, state: 'ready' } as const
  const bad = [
    [{ ...good, id: 'a; set maxconn 1' }, 'is not a name of 1 to 64 characters'],
    [{ ...good, id: '' }, 'is not a name of 1 to 64 characters'],
    [
      { ...good, address: { host: 'localhost', port: 80 } },
      'has the host "localhost", which is no IP address',
    ],
    [{ ...good, address: { host: '127.0.0.1', port: 0 } }, 'has the port 0'],
    [{ ...good, weight: 257 }, 'has the weight 257'],
    [{ ...good, weight: 1.5 }, 'has the weight 1.5'],
  ] as const
  for (const [instance, cause] of bad) {
    await assert.rejects(made.gateway.apply({ instances: [instance] }), (error) => {
      assert.ok(haproxyInstanceInvalid.is(error))
      assert.equal(error.details.cause, cause)
      return true
    })
  }
  await assert.rejects(made.gateway.apply({ instances: [good, good] }), haproxyInstanceInvalid.is)
  await made.gateway.apply({ instances: [{ ...good, address: { host: '::1', port: 9 } }] })
  assert.equal((await made.gateway.stats()).instances.length, 1)
})

test('reloads under load fail no request', haproxy, async () => {
  await using made = await serving(['a', 'b'])
  using load = new Load(made.url, 400)
  for (const checkEveryMs of [300, 400, 500]) {
    await sleep(clock, 250)
    const plan = planOf(made.port, { checkEveryMs })
    const { gateway, events } = await gatewayOf({ folder: made.folder, plan, port: made.port })
    await gateway.start()
    assert.equal(events[0]?.type, 'reloaded')
    assert.equal(gateway.pid, made.gateway.pid)
  }
  await sleep(clock, 250)
  const { sent, failures } = await load.stop()
  assert.ok(sent > 200)
  assert.deepEqual(failures, [])
})

test('a reload that cannot listen leaves the old configuration serving', haproxy, async () => {
  await using made = await serving(['a'])
  const taker = createServer().listen(0, '127.0.0.1')
  await once(taker, 'listening')
  const address = taker.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    const plan = planOf(port)
    const { gateway } = await gatewayOf({ folder: made.folder, plan, port })
    await assert.rejects(gateway.start(), haproxyListenFailed.is)
    assert.equal((await send(`${made.url}/orders`)).text, 'a')
    await made.gateway.apply({ instances: made.instances.map((one) => one.as('ready', 9)) })
    assert.equal((await made.gateway.stats()).instances[0]?.weight, 9)
  } finally {
    taker.close()
  }
})

test(
  'a reload that HAProxy cannot carry out leaves the old configuration serving too',
  haproxy,
  async () => {
    await using made = await serving(['a'])
    // More file descriptors than any system grants.
    const plan = planOf(made.port, { connectionsMax: 1_000_000 })
    const { gateway } = await gatewayOf({ folder: made.folder, plan, port: made.port })
    await assert.rejects(gateway.start(), (error) => {
      assert.ok(haproxyReloadFailed.is(error))
      assert.match(error.details.lines, /FD limit/)
      return true
    })
    assert.equal((await send(`${made.url}/orders`)).text, 'a')
  },
)
