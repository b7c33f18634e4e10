import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findAccount } from './account.ts'
import {
  clock,
  freePort,
  gatewayOf,
  haproxy,
  planOf,
  serving,
  testApplication,
} from './gateway.fixture.ts'
import {
  createGateway,
  haproxyAccountMissing,
  haproxyBinaryMissing,
  haproxyConfigRefused,
  haproxyFolderUnusable,
  haproxyGatewayUnplanned,
  haproxyListenFailed,
  haproxyProcessMissing,
  haproxyStartFailed,
  haproxyVersionUnsupported,
} from './index.ts'
import { waitUntil } from './wait-until.ts'

/** A program that stands in for HAProxy. */
async function program(script: string): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-haproxy-'))
  const path = join(folder, 'haproxy')
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

test('a gateway passes requests on, and says how its instances are', haproxy, async () => {
  await using made = await serving(['a', 'b'])
  for (let index = 0; index < 6; index++) {
    const answer = await fetch(`${made.url}/orders`)
    assert.equal(answer.status, 200)
    assert.match(await answer.text(), /^[ab]$/)
  }
  const stats = await waitUntil({ clock, timeoutMs: 3_000, everyMs: 20 }, async () => {
    const seen = await made.gateway.stats()
    return seen.instances.every(({ lastCheck }) => lastCheck !== 'INI') ? seen : undefined
  })
  const { instances, connections } = stats ?? (await made.gateway.stats())
  assert.ok(connections >= 1)
  assert.deepEqual(
    instances.map(({ id, state, weight, inFlight }) => ({ id, state, weight, inFlight })),
    ['a', 'b'].map((id) => ({ id, state: 'up', weight: 100, inFlight: 0 })),
  )
  assert.equal(instances[0]?.lastCheck, 'L7OK/200')
  const total = instances.reduce((sum, { requests }) => sum + requests, 0)
  assert.equal(total, 6)
})

test('a plan without a gateway starts none', () => {
  const plan = { ...planOf(1), gateway: undefined }
  const create = (): unknown =>
    createGateway({ plan, application: testApplication, folder: '/nowhere', clock })
  assert.throws(create, haproxyGatewayUnplanned.is)
})

test('a missing HAProxy is an error that says how to install it on each system', async () => {
  await using made = await gatewayOf({ binary: '/nowhere/haproxy' })
  await assert.rejects(made.gateway.start(), (error) => {
    assert.ok(haproxyBinaryMissing.is(error))
    for (const line of ['apt-get install haproxy', 'brew install haproxy', 'Docker:']) {
      assert.ok(error.fix.includes(line), line)
    }
    return true
  })
  assert.equal(made.gateway.pid, undefined)
})

test('an HAProxy that is too old, or is none, is refused by what it says of itself', async () => {
  for (const [says, found] of [
    ['HA-Proxy version 2.0.29 2022/05/13', 'HAProxy 2.0.29'],
    ['HAProxy version 2.4.24 2023/08/19', 'HAProxy 2.4.24'],
    ['nginx version: nginx/1.22.1', 'no HAProxy'],
  ]) {
    await using old = await program(`echo '${says}'`)
    await using made = await gatewayOf({ binary: old.path })
    await assert.rejects(made.gateway.start(), (error) => {
      assert.ok(haproxyVersionUnsupported.is(error))
      assert.equal(error.details.found, found)
      return true
    })
  }
})

test(
  'a configuration that HAProxy refuses is an error with its lines, and starts nothing',
  haproxy,
  async () => {
    const port = await freePort()
    const plan = { ...planOf(port), listen: { host: 'no.such.host.invalid', port } }
    await using made = await gatewayOf({ plan })
    await assert.rejects(made.gateway.start(), (error) => {
      assert.ok(haproxyConfigRefused.is(error))
      assert.match(error.message, /no\.such\.host\.invalid/)
      assert.match(error.details.file, /haproxy\.cfg\.next$/)
      return true
    })
    assert.equal(made.gateway.pid, undefined)
  },
)

test('a port that is taken is an error with its address', haproxy, async () => {
  const taker = createServer().listen(0, '127.0.0.1')
  await once(taker, 'listening')
  const address = taker.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    await using made = await gatewayOf({ port })
    await assert.rejects(made.gateway.start(), (error) => {
      assert.ok(haproxyListenFailed.is(error))
      assert.deepEqual(error.details, {
        address: `127.0.0.1:${port}`,
        cause: 'Address already in use',
      })
      return true
    })
    assert.equal(made.gateway.pid, undefined)
  } finally {
    taker.close()
  }
})

test('a HAProxy that ends at its start is an error with what it said', async () => {
  await using broken = await program(
    'case "$1" in -vv) echo "HAProxy version 2.6.12";; -c) ;; *) echo "[ALERT] too bad"; exit 3;; esac',
  )
  await using made = await gatewayOf({ binary: broken.path })
  await assert.rejects(made.gateway.start(), (error) => {
    assert.ok(haproxyStartFailed.is(error))
    assert.equal(error.details.cause, 'it ended')
    assert.match(error.details.lines, /too bad/)
    return true
  })
})

test('a folder whose sockets would have too long a path is refused', async () => {
  const folder = join(tmpdir(), 'x'.repeat(120))
  await using made = await gatewayOf({ folder })
  await assert.rejects(made.gateway.start(), haproxyFolderUnusable.is)
})

test('nothing can be applied to a gateway that does not run', async () => {
  await using made = await gatewayOf()
  await assert.rejects(made.gateway.apply({ instances: [] }), haproxyProcessMissing.is)
  await assert.rejects(made.gateway.stats(), haproxyProcessMissing.is)
})

test('what reads from clients never runs as root', haproxy, async () => {
  await using made = await serving(['a'])
  const pids = execFileSync('pgrep', ['-P', String(made.gateway.pid)], { encoding: 'utf8' })
  const [worker = ''] = pids.trim().split('\n')
  const status = await readFile(`/proc/${worker}/status`, 'utf8')
  assert.doesNotMatch(status, /^Uid:\s.*\b0\b/m)
  assert.doesNotMatch(status, /^Gid:\s.*\b0\b/m)
})

test('only root needs an account for its workers', async () => {
  assert.equal(await findAccount(1_000), undefined)
  await assert.rejects(findAccount(0, '/dev/null'), haproxyAccountMissing.is)
})

test('sockets and files of the gateway are for their owner alone', haproxy, async () => {
  await using made = await serving(['a'])
  for (const name of ['', 'runtime.sock', 'master.sock', 'haproxy.cfg', 'haproxy.log']) {
    const { mode } = await stat(join(made.folder, name))
    assert.equal(mode & 0o077, 0, name)
  }
})

test(
  'a gateway tells when its HAProxy ends by itself, and can start another',
  haproxy,
  async () => {
    await using made = await serving(['a'])
    const { pid } = made.gateway
    assert.ok(pid !== undefined)
    process.kill(-pid, 'SIGKILL')
    assert.deepEqual(await made.gateway.exited, { code: null, signal: 'SIGKILL' })
    assert.equal(made.gateway.pid, undefined)
    await assert.rejects(made.gateway.apply({ instances: [] }), haproxyProcessMissing.is)
    await made.gateway.start()
    await made.gateway.apply({ instances: made.instances.map((one) => one.as('ready')) })
    assert.equal((await fetch(`${made.url}/orders`)).status, 200)
  },
)

test('starting twice is starting once', haproxy, async () => {
  await using made = await gatewayOf()
  await Promise.all([made.gateway.start(), made.gateway.start()])
  const { pid } = made.gateway
  await made.gateway.start()
  assert.equal(made.gateway.pid, pid)
  assert.deepEqual(
    made.events.map(({ type }) => type),
    ['started'],
  )
})

test('metrics of HAProxy are shown where they are asked for', haproxy, async () => {
  const metricsPort = await freePort()
  await using made = await serving(['a'], { metricsPort })
  await fetch(`${made.url}/orders`)
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  assert.match(
    text,
    /^haproxy_server_http_responses_total\{proxy="instances",server="a",code="2xx"\} 1$/m,
  )
  assert.equal((await fetch(`http://127.0.0.1:${metricsPort}/`)).status, 404)
})
