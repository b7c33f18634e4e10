import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { remoteCallForbidden, remotePeerRefused } from './errors.ts'
import { closeCode, frameBytesMax, frameType } from './frames/layout.ts'
import { webSocketFrame } from './frames/web-socket.fixture.ts'
import { eventually, Peers, TestCall } from './listener.fixture.ts'
import type { Endpoint } from './port.ts'
import {
  announced,
  callFrame,
  frame,
  helloFrame,
  nameFrame,
  RawPeer,
  u32,
  upgradeRequest,
} from './raw-peer.fixture.ts'

test('an upgrade that is not one is refused with what is wrong with it', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const cases: readonly (readonly [Readonly<Record<string, string | undefined>>, RegExp])[] = [
    [{ line: 'GET /elsewhere HTTP/1.1' }, /^HTTP\/1\.1 404 /],
    [{ line: 'POST /rpc HTTP/1.1' }, /^HTTP\/1\.1 400 /],
    [{ Upgrade: 'h2c' }, /^HTTP\/1\.1 400 /],
    [{ 'Sec-WebSocket-Key': 'short' }, /^HTTP\/1\.1 400 .*malformed key/s],
    [{ 'Sec-WebSocket-Key': undefined }, /^HTTP\/1\.1 400 /],
    [{ 'Sec-WebSocket-Version': '8' }, /^HTTP\/1\.1 426 .*Sec-WebSocket-Version: 13/s],
    [{ 'Sec-WebSocket-Protocol': 'banyan.frames.9' }, /^HTTP\/1\.1 400 .*banyan\.frames\.1/s],
    [{ 'Sec-WebSocket-Protocol': undefined }, /^HTTP\/1\.1 400 /],
    [{ Host: undefined }, /^HTTP\/1\.1 400 /],
  ]
  for (const [changes, answer] of cases) {
    using peer = await RawPeer.connect(endpoint)
    peer.socket.write(upgradeRequest(changes))
    await peer.ended()
    assert.match(peer.answer, answer, JSON.stringify(changes))
  }
  using good = await RawPeer.connect(endpoint)
  await good.upgrade()
  // the example of RFC 6455 §1.3
  assert.match(good.answer, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/)
})

test('whatever a peer sends wrongly closes its connection with a code, and nobody else’s', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  const bystander = await peers.open(endpoint)
  const { protocol, tooLarge, unsupported, invalidText, policy } = closeCode
  const hello = helloFrame()
  const named = Buffer.concat([hello, nameFrame])
  const masked = { mask: Buffer.from([1, 2, 3, 4]) }
  const cases: readonly (readonly [string, Buffer, number])[] = [
    ['an unmasked frame', webSocketFrame(hello), protocol],
    ['a text message', webSocketFrame(hello, { opcode: 1, ...masked }), unsupported],
    ['an unknown opcode', webSocketFrame(hello, { opcode: 5, ...masked }), protocol],
    ['a reserved bit', webSocketFrame(hello, { reserved: 4, ...masked }), protocol],
    [
      'a WebSocket frame of 2^40 bytes',
      webSocketFrame(hello, { length: { value: 2n ** 40n, bytes: 8 }, ...masked }),
      tooLarge,
    ],
    ...(
      [
        ['a call before the hello', frame(frameType.call), protocol],
        ['a hello that is no JSON', frame(frameType.hello, 'hello'), protocol],
        ['a hello without bounds', frame(frameType.hello, '{"protocol":1}'), protocol],
        ['a hello of another version', helloText({ protocol: 9 }), policy],
        ['a hello of another application', helloFrame({ application: 'bank' }), policy],
        ['a long hello', frame(frameType.hello, 'x'.repeat(5_000)), protocol],
        ['two hellos', Buffer.concat([hello, hello]), protocol],
        ['an unknown type', Buffer.concat([hello, frame(77, u32(0))]), protocol],
        ['a type of callees', Buffer.concat([hello, frame(frameType.answer, u32(0))]), protocol],
        ['a frame of 3 bytes', Buffer.concat([hello, u32(3, 0)]), protocol],
        ['a frame that is too long', Buffer.concat([hello, u32(frameBytesMax + 1, 2)]), tooLarge],
        ['a call without a body', Buffer.concat([named, frame(frameType.call, '', 1)]), protocol],
        ['a call of an unknown name', Buffer.concat([hello, callFrame(0, '{}')]), protocol],
        ['a call whose texts are longer than it', Buffer.concat([named, lyingCall()]), protocol],
        ['an input that is not UTF-8', call(named, Buffer.from([0x22, 0xc3, 0x28])), invalidText],
        ['a cancel without an id', Buffer.concat([hello, frame(frameType.cancel)]), protocol],
        ['a name out of turn', Buffer.concat([hello, frame(frameType.name, 'a', 7)]), protocol],
        ['a name that is none', Buffer.concat([hello, frame(frameType.name, '../x', 1)]), protocol],
        ['parts of nothing', Buffer.concat([named, announced(1, 0)]), tooLarge],
        ['a part that is too long', parted(named, 10, 'x'.repeat(11)), protocol],
        ['an empty part', parted(named, 10, ''), protocol],
        [
          'five payloads at once',
          Buffer.concat([named, ...[1, 2, 3, 4, 5].map((id) => announced(id, 10))]),
          protocol,
        ],
        ['parts that are not UTF-8', parted(named, 2, Buffer.from([0xff, 0xfe])), invalidText],
      ] as const
    ).map(([name, bytes, code]) => [name, webSocketFrame(bytes, masked), code] as const),
  ]
  for (const [name, bytes, code] of cases) {
    using peer = await RawPeer.connect(endpoint)
    await peer.upgrade()
    peer.socket.write(bytes)
    assert.equal(await peer.ended(), code, name)
  }
  assert.equal(await bystander.call('1'), 'answered 1')
  assert.equal(peers.receiver.received, 1)
})

function helloText(changes: object): Buffer {
  const hello = { protocol: 1, application: 'shop', service: 'edge', instance: '' }
  const bounds = { inFlightMax: 1, payloadBytesMax: 1 }
  return frame(frameType.hello, JSON.stringify({ ...hello, ...bounds, ...changes }))
}

function call(before: Buffer, input: Buffer): Buffer {
  return Buffer.concat([before, callFrame(0, input)])
}

function parted(before: Buffer, bytes: number, part: Buffer | string): Buffer {
  const body = Buffer.concat([u32(1), Buffer.from(part)])
  return Buffer.concat([before, announced(1, bytes), frame(frameType.part, body)])
}

/** Says that its subject has 60,000 bytes. */
function lyingCall(): Buffer {
  const bytes = callFrame(0, '{}')
  bytes.writeUInt16LE(60_000, 42)
  return bytes
}

test('an id that is in use is a breach, and the calls of its connection are cancelled', async () => {
  await using peers = new Peers()
  peers.receiver.hold()
  const { endpoint } = await peers.listen()
  using peer = await RawPeer.greeted(endpoint)
  peer.send(Buffer.concat([nameFrame, callFrame(5, '1'), callFrame(5, '2')]))
  assert.equal(await peer.ended(), closeCode.protocol)
  await peers.receiver.until(() => peers.receiver.work[0]?.isCancelled === true)
  assert.equal(peers.receiver.received, 1)
})

test('a part of a call that was refused, and a cancel of one that ended, are ignored', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen({ bounds: { payloadBytesMax: 1_000 } })
  using peer = await RawPeer.greeted(endpoint)
  const part = frame(frameType.part, Buffer.concat([u32(1), Buffer.from('x')]))
  const cancel = frame(frameType.cancel, u32(99))
  peer.send(Buffer.concat([nameFrame, announced(1, 2_000), part, cancel, callFrame(2, '7')]))
  await peer.until(() => peer.frames.length === 3)
  assert.match(peer.frames[1]?.body ?? '', /REMOTE_INPUT_TOO_LARGE/)
  assert.equal(peer.frames[2]?.body, '\u0002\0\0\u00007')
})

test('a ping of a proxy is answered, and a close is answered with a close', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen()
  using peer = await RawPeer.greeted(endpoint)
  peer.send(Buffer.from('are you there'), { opcode: 9 })
  const pong = webSocketFrame(Buffer.from('are you there'), { opcode: 10 })
  let heard = Buffer.alloc(0)
  peer.socket.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk])
  })
  await eventually(() => heard.includes(pong), 'a pong')
  peer.send(Buffer.from([3, 232]), { opcode: 8 })
  assert.equal(await peer.ended(), closeCode.normal)
})

test('the policy is asked once per operation and caller, and its refusal is coded', async () => {
  await using peers = new Peers()
  const asked: string[] = []
  const { endpoint } = await peers.listen({
    policy: ({ service, isProved }, { operation, callerModule }) => {
      asked.push(`${service} ${isProved} ${operation} ${callerModule}`)
      return callerModule === 'checkout' ? undefined : 'not declared'
    },
  })
  const link = await peers.open(endpoint)
  for (let count = 0; count < 3; count++) assert.equal(await link.call('1'), 'answered 1')
  const stranger = new TestCall()
  stranger.callerModule = 'ledger'
  link.link.send(stranger)
  const end = await stranger.end
  assert.match(
    end,
    new RegExp(`"code":"${remoteCallForbidden.code}","kind":"forbidden".*not declared`),
  )
  assert.deepEqual(asked, [
    'edge false inventory.reserve checkout',
    'edge false inventory.reserve ledger',
  ])
})

test('a service that the application does not have is refused, and the refusal is logged', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen({ services: ['sales', 'browse'] })
  const link = peers.connect(endpoint)
  assert.match(await link.isClosed, /no service edge/)
  await eventually(
    () => peers.sink.lines.some((line) => line.includes(remotePeerRefused.code)),
    'a line of the log',
  )
})

test('an address that another instance has taken over is not used', async () => {
  await using peers = new Peers()
  const { endpoint } = await peers.listen({ instance: 'sales-2' })
  const link = peers.connect(endpoint)
  assert.match(await link.isClosed, /sales-2 of shop answers at this address/)
  assert.deepEqual(link.told, ['closed'])
})

test('what is no call goes to the handler, or is not found', async () => {
  await using peers = new Peers()
  const one = await peers.listen({ handler: (_request, response) => response.end('alive') })
  const two = await peers.listen()
  const get = async ({ endpoint }: { endpoint: Endpoint }, path: string): Promise<string> => {
    using peer = await RawPeer.connect(endpoint)
    peer.socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    await peer.ended()
    return peer.answer
  }
  assert.match(await get(one, '/livez'), /^HTTP\/1\.1 200 .*alive/s)
  assert.match(await get(two, '/livez'), /^HTTP\/1\.1 404 /)
  assert.match(await get(one, '/rpc'), /alive/)
})

test('after everything is closed no connection, timer or file is left', async () => {
  const openFiles = (): number => readdirSync('/proc/self/fd').length
  const before = openFiles()
  for (let round = 0; round < 5; round++) {
    await using peers = new Peers()
    const path = join(peers.folder, 'sales.sock')
    const listeners = [
      await peers.listen(),
      await peers.listen({ endpoint: { kind: 'unix', path } }),
    ]
    for (const { endpoint } of listeners) {
      const links = await Promise.all([1, 2, 3].map(() => peers.open(endpoint, { connections: 3 })))
      assert.deepEqual(
        await Promise.all(links.map((link) => link.call('1'))),
        Array(3).fill('answered 1'),
      )
    }
    await listeners[0]?.stop()
  }
  await eventually(() => openFiles() <= before, 'open files as before')
})
