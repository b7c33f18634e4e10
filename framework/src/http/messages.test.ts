import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import * as z from 'zod'
import { command, query } from '../contract/index.ts'
import { operationOf, serve } from './http.fixture.ts'
import { openSocket, sendRaw } from './raw-client.fixture.ts'
import { mustAccept, mustReject, type RawMessage } from './reject-corpus.fixture.ts'

const nothing = z.object({})
let runs = 0
const answer = (): object => {
  runs++
  return {}
}
const operations = [
  operationOf(
    'ok.read',
    query({ input: nothing, output: nothing, http: 'GET /ok', access: 'public' }),
    answer,
  ),
  operationOf(
    'ok.write',
    command({ input: nothing, output: nothing, http: 'POST /ok', access: 'public' }),
    answer,
  ),
]

/** What a server did wrong with a message that it must reject; empty when nothing. */
async function findSlip(port: number, message: RawMessage): Promise<string> {
  const { statuses, isClosed } = await sendRaw(port, message.bytes)
  const last = statuses.at(-1)
  if (last !== 400 && last !== 431) return `answered ${statuses.join(', ') || 'nothing'}`
  return isClosed ? '' : `answered ${last} and kept the connection`
}

test('every message that must be rejected is answered with 400 or 431 and a closed connection', async () => {
  assert.ok(mustReject.length >= 46)
  await using fixture = await serve(operations)
  const slips: string[] = []
  for (const message of mustReject) {
    const slip = await findSlip(fixture.port, message)
    if (slip !== '') slips.push(`${message.name}: ${slip}`)
  }
  assert.deepEqual(slips, [])
})

test('the answer says what was wrong and under which trace', async () => {
  await using fixture = await serve(operations)
  const problemOf = async (name: string): Promise<Record<string, unknown>> => {
    const message = mustReject.find((one) => one.name === name)
    const { text } = await sendRaw(fixture.port, message?.bytes ?? '')
    const problem = JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) as Record<string, unknown>
    assert.ok(text.includes(`Trace-Id: ${String(problem['traceId'])}\r\n`), text)
    assert.ok(text.includes('\r\nConnection: close\r\n'), text)
    return problem
  }
  for (const name of ['two Hosts', 'a space in a header name', 'two spaces before the target']) {
    const { code, status, title } = await problemOf(name)
    assert.deepEqual([code, status, title], ['HTTP_MESSAGE_MALFORMED', 400, 'Bad Request'], name)
  }
  for (const name of ['200 headers', 'a header of 32 KiB']) {
    const { code, status } = await problemOf(name)
    assert.deepEqual([code, status], ['HTTP_HEADERS_TOO_LARGE', 431], name)
  }
})

test('odd messages that are in order are answered with 200', async () => {
  assert.ok(mustAccept.length >= 12)
  await using fixture = await serve(operations)
  for (const message of mustAccept) {
    const { statuses, text } = await sendRaw(fixture.port, message.bytes, 60)
    assert.deepEqual(statuses, [200], `${message.name}: ${text}`)
  }
})

test('node:http alone lets some of them through, so the corpus can fail', async () => {
  const bare = createServer((request, response) => {
    request.resume().on('end', () => response.end('{}'))
  })
  await new Promise<void>((resolve) => void bare.listen(0, '127.0.0.1', resolve))
  const { port } = bare.address() as AddressInfo
  const slipped: string[] = []
  for (const message of mustReject) {
    if ((await findSlip(port, message)) !== '') slipped.push(message.name)
  }
  bare.closeAllConnections()
  bare.close()
  for (const name of ['two Hosts', 'a Host with a path', 'chunked in HTTP/1.0']) {
    assert.ok(slipped.includes(name), `${name}; slipped: ${slipped.join('; ')}`)
  }
  assert.ok(slipped.includes('two spaces before the target'))
  assert.ok(slipped.includes('an unknown expectation'))
})

test('a head that arrives byte by byte, and requests that share a packet, are accepted', async () => {
  await using fixture = await serve(operations)
  const one = 'GET /ok HTTP/1.1\r\nHost: a.example\r\n\r\n'
  const posted =
    'POST /ok HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'
  const both = await sendRaw(fixture.port, one + posted + one + posted)
  assert.deepEqual(both.statuses, [200, 200, 200, 200])
  runs = 0
  const socket = await openSocket(fixture.port)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.setNoDelay(true)
  for (const byte of posted + one) {
    socket.write(byte)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await new Promise((resolve) => setTimeout(resolve, 100))
  socket.destroy()
  assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 2, text)
  assert.equal(runs, 2)
})
