import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { remoteListenFailed } from './errors.ts'
import { Peers } from './listener.fixture.ts'
import type { Endpoint } from './port.ts'

test('a socket file that nobody answers on is replaced, one that is served is not', async () => {
  await using peers = new Peers()
  const path = join(peers.folder, 'sales.sock')
  const endpoint: Endpoint = { kind: 'unix', path }
  const listener = await peers.listen({ endpoint })
  assert.equal(statSync(path).mode & 0o777, 0o600)
  const taken = { code: remoteListenFailed.code, message: /another process listens there/ }
  await assert.rejects(peers.listen({ endpoint }), taken)
  assert.equal(await (await peers.open(endpoint)).call('1'), 'answered 1')
  await listener.stop()
  await leaveStale(path)
  assert.ok(statSync(path).isSocket())
  await peers.listen({ endpoint })
  assert.equal(await (await peers.open(endpoint)).call('2'), 'answered 2')
})

/** A socket file as a killed process leaves it. */
async function leaveStale(path: string): Promise<void> {
  const { execFileSync } = await import('node:child_process')
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  try {
    execFileSync(process.execPath, ['-e', script], { stdio: 'ignore', timeout: 10_000 })
  } catch {
    // killed, as it was to be
  }
}

test('what cannot be listened on is said, with the address', async () => {
  await using peers = new Peers()
  const file = join(peers.folder, 'file')
  writeFileSync(file, '')
  const long = join(peers.folder, 'x'.repeat(120))
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const cases: readonly (readonly [Endpoint, RegExp])[] = [
    [{ kind: 'unix', path: file }, /a file is in the way/],
    [{ kind: 'unix', path: long }, /bytes, more than 10[37]/],
    [{ kind: 'unix', path: join(peers.folder, 'none', 'x.sock') }, /ENOENT|EACCES/],
    [{ kind: 'tcp', host: '127.0.0.1', port }, new RegExp(`127.0.0.1:${port}: EADDRINUSE`)],
  ]
  for (const [endpoint, message] of cases) {
    await assert.rejects(peers.listen({ endpoint }), { code: remoteListenFailed.code, message })
  }
  server.close()
})
