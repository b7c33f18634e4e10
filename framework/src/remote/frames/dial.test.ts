import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { test } from 'node:test'
import { FakeClock } from '../../kernel/index.ts'
import { remoteProtocolBroken } from '../errors.ts'
import { eventually, Peers, TestCall } from '../listener.fixture.ts'
import type { Endpoint } from '../port.ts'
import { frame } from '../raw-peer.fixture.ts'
import { acceptOf } from './handshake.ts'
import { frameType, protocolName } from './layout.ts'
import { webSocketFrame } from './web-socket.fixture.ts'

/** A server that answers each upgrade with what a test wants. */
class RawCallee implements AsyncDisposable {
  readonly sockets: Socket[] = []
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(answer: (key: string, socket: Socket) => void): Promise<RawCallee> {
    const server = createServer((socket) => {
      callee.sockets.push(socket)
      socket.on('error', () => {})
      let head = ''
      const read = (chunk: Buffer): void => {
        head += chunk.toString('latin1')
        if (!head.includes('\r\n\r\n')) return
        socket.off('data', read).resume()
        answer(/Sec-WebSocket-Key: (.*)\r\n/i.exec(head)?.[1] ?? '', socket)
      }
      socket.on('data', read)
    })
    const callee = new RawCallee(server)
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    return callee
  }

  get endpoint(): Endpoint {
    return { kind: 'tcp', host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => void this.#server.close(resolve))
    for (const socket of this.sockets) socket.destroy()
    await closed
  }
}

const hello = (instance = 'sales-1'): Buffer => {
  const bounds = { inFlightMax: 10, payloadBytesMax: 1_000 }
  const said = { protocol: 1, application: 'shop', service: 'sales', instance, ...bounds }
  return frame(frameType.hello, JSON.stringify(said))
}

function upgrade(key: string, changes: Readonly<Record<string, string>> = {}): string {
  const headers = {
    ...{ Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': acceptOf(key) },
    'Sec-WebSocket-Protocol': protocolName,
    ...changes,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`
}

test('whoever answers an upgrade wrongly gets no calls', async () => {
  const cases: readonly (readonly [string, (key: string) => string, RegExp])[] = [
    ['a page', () => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', /refused: 200/],
    ['a refusal', () => 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n', /refused: 503/],
    ['no HTTP', () => 'hello\r\n\r\n', /HPE_/],
    ['another key', () => upgrade('x'), /another key/],
    ['another protocol', (key) => upgrade(key, { 'Sec-WebSocket-Protocol': 'chat' }), /speak/],
    ['another upgrade', (key) => upgrade(key, { Upgrade: 'h2c' }), /something else/],
    [
      'an extension',
      (key) => upgrade(key, { 'Sec-WebSocket-Extensions': 'permessage-deflate' }),
      /extension/,
    ],
  ]
  for (const [name, answer, cause] of cases) {
    await using peers = new Peers()
    await using callee = await RawCallee.start((key, socket) => socket.write(answer(key)))
    const link = peers.connect(callee.endpoint)
    assert.match(await link.isClosed, cause, name)
    assert.deepEqual(link.told, ['closed'], name)
  }
})

test('a callee that breaks the protocol loses its calls and is logged', async () => {
  const wrong: readonly (readonly [string, Buffer])[] = [
    ['a mask', webSocketFrame(hello(), { mask: Buffer.from('mask') })],
    ['an answer before the hello', webSocketFrame(frame(frameType.answer, Buffer.alloc(8)))],
    ['no hello', webSocketFrame(frame(frameType.hello, '{}'))],
    ['a type of callers', webSocketFrame(Buffer.concat([hello(), frame(frameType.call, 'xxxx')]))],
    ['a short answer', webSocketFrame(Buffer.concat([hello(), frame(frameType.answer, 'xx')]))],
  ]
  for (const [name, bytes] of wrong) {
    await using peers = new Peers()
    await using callee = await RawCallee.start((key, socket) => {
      socket.write(upgrade(key))
      socket.write(bytes)
    })
    const link = peers.connect(callee.endpoint)
    await link.isClosed
    await eventually(
      () => peers.sink.lines.some((line) => line.includes(remoteProtocolBroken.code)),
      `a line of the log about ${name}`,
    )
  }
})

test('answers that are not UTF-8, or longer than agreed, end the connection and lose the calls', async () => {
  const id = Buffer.alloc(4)
  const announced = frame(frameType.answer, Buffer.concat([id, Buffer.from([255, 255, 255, 0])]))
  announced[5] = 1
  const bad = [frame(frameType.answer, Buffer.concat([id, Buffer.from([0xff])])), announced]
  for (const answer of bad) {
    await using peers = new Peers()
    await using callee = await RawCallee.start((key, socket) => {
      socket.write(upgrade(key))
      socket.write(webSocketFrame(hello()))
      socket.once('data', () => socket.once('data', () => socket.write(webSocketFrame(answer))))
    })
    const link = await peers.open(callee.endpoint)
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.match(await link.call(), /^lost sent /)
  }
})

test('a machine that does not answer is given up in time, at every step', async () => {
  const clock = new FakeClock()
  await using peers = new Peers(clock)
  await using silent = await RawCallee.start(() => {})
  await using mute = await RawCallee.start((key, socket) => socket.write(upgrade(key)))
  const links = [peers.connect(silent.endpoint), peers.connect(mute.endpoint)]
  await eventually(() => silent.sockets.length + mute.sockets.length === 2, 'two connections')
  await new Promise((resolve) => setTimeout(resolve, 50))
  await clock.advance(1_999)
  assert.deepEqual(
    links.map(({ told }) => told),
    [[], []],
  )
  await clock.advance(1)
  assert.match(await (links[0]?.isClosed ?? ''), /no upgrade within 2000 ms/)
  assert.match(await (links[1]?.isClosed ?? ''), /no hello within 2000 ms/)
})

test('where nobody listens the link closes and says so', async () => {
  await using peers = new Peers()
  const gone = await RawCallee.start(() => {})
  const { endpoint } = gone
  await gone[Symbol.asyncDispose]()
  assert.match(await peers.connect(endpoint).isClosed, /ECONNREFUSED/)
  assert.match(await peers.connect({ kind: 'unix', path: '/none/x.sock' }).isClosed, /ENOENT/)
  const wrong: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: 99_999 }
  assert.match(await peers.connect(wrong, { connections: 3 }).isClosed, /port/i)
})

test('a callee whose machine has vanished is found dead, and its calls are lost', async () => {
  const clock = new FakeClock()
  await using peers = new Peers(clock)
  await using callee = await RawCallee.start((key, socket) => {
    socket.write(upgrade(key))
    socket.write(webSocketFrame(hello()))
  })
  const link = await peers.open(callee.endpoint)
  const end = link.call()
  await clock.advance(15_000)
  assert.equal(link.link.inFlight, 1)
  await clock.advance(5_000)
  assert.match(await end, /^lost sent no sign of life/)
  assert.match(await link.isClosed, /no sign of life/)
})

test('a link that is closed while it connects tells it, and nothing else', async () => {
  await using peers = new Peers()
  await using callee = await RawCallee.start(() => {})
  const link = peers.connect(callee.endpoint)
  await link.link.close(1_000)
  assert.deepEqual(link.told, ['closed'])
  assert.equal(link.link.send(new TestCall()), false)
  await link.link.close(1_000)
})
