import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { LineChannel, lineCharsMax } from './line-channel.ts'
import { decodeMessage, readRequest, tryReadHello } from './message.ts'

/** Two ends of a connection: a channel, and a bare socket that talks to it. */
async function channelPair() {
  const lines: string[] = []
  const closed = Promise.withResolvers<string>()
  const accepted = Promise.withResolvers<LineChannel>()
  const server = createServer((socket) => {
    const events = { line: (line: string) => void lines.push(line), closed: closed.resolve }
    accepted.resolve(new LineChannel(socket, events))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const socket: Socket = connect(port, '127.0.0.1')
  const channel = await accepted.promise
  const close = (): void => {
    socket.destroy()
    server.close()
  }
  return { lines, closed: closed.promise, channel, socket, close }
}

test('lines arrive whole, however they were cut on the way', async () => {
  const { lines, closed, socket, close } = await channelPair()
  for (const part of ['{"a":', '1}\n{"b"', ':"ü"}\n\n']) {
    socket.write(part)
    await new Promise<void>((resolve) => void setTimeout(resolve, 5))
  }
  socket.end()
  await closed
  assert.deepEqual(lines, ['{"a":1}', '{"b":"ü"}', ''])
  close()
})

test('a line without an end closes the channel instead of filling the memory', async () => {
  const { closed, channel, socket, close } = await channelPair()
  socket.on('error', () => {})
  socket.write('x'.repeat(lineCharsMax + 1))
  assert.equal(await closed, 'a line without an end')
  assert.equal(channel.isClosed, true)
  assert.equal(channel.send('more'), false)
  close()
})

test('what is no message of this version is told as what it is', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /not JSON/],
    ['7', /not an object/],
    ['{"type":"ps"}', /protocol version undefined; this process speaks 1/],
    ['{"v":2,"type":"ps"}', /protocol version 2/],
    ['{"v":1}', /no type/],
  ]
  for (const [line, cause] of cases) assert.match(JSON.stringify(decodeMessage(line)), cause)
  assert.deepEqual(decodeMessage('{"v":1,"type":"ping"}'), { v: 1, type: 'ping' })
})

test('a greeting that is not complete greets nobody, and only known commands are requests', () => {
  const hello = { type: 'hello', id: 'a', secret: 's', pid: 7, started: 'x', phase: 'ready' }
  assert.deepEqual(tryReadHello(hello), hello)
  for (const broken of [{ pid: 0 }, { pid: '7' }, { secret: 1 }, { phase: undefined }]) {
    assert.equal(tryReadHello({ ...hello, ...broken }), undefined)
  }
  assert.match(JSON.stringify(readRequest({ type: 'hello' })), /opens nothing/)
  assert.match(JSON.stringify(readRequest({ type: 'request' })), /no command undefined/)
})
