import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { requestCancel } from './cancel.ts'
import type { WireClient } from './wire.ts'

test('a cancel that a silent server swallows ends in time, and its socket with it', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connected = once(server, 'connection')
  const { port } = server.address() as AddressInfo
  const config = { host: '127.0.0.1', port, user: 'u', connectionTimeoutMillis: 60 }
  const client = { processID: 1, secretKey: 2 } as WireClient
  const cancelled = requestCancel(config, client).then(() => 'resolved')
  const [socket] = await connected
  const closed = once(socket.resume(), 'close')
  assert.equal(await cancelled, 'resolved')
  await closed
  server.close()
})
