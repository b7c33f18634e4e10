import { connect, type Socket } from 'node:net'
import { FrameReader } from './frames/frame-reader.ts'
import { writeHello } from './frames/hello.ts'
import { frameType, protocolName } from './frames/layout.ts'
import { headroomBytes, Slab } from './frames/slab.ts'
import { type FrameWish, webSocketFrame } from './frames/web-socket.fixture.ts'
import { WebSocketReader } from './frames/web-socket-reader.ts'
import { application } from './listener.fixture.ts'
import type { Endpoint } from './port.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='

/** The request of an upgrade; headers that are given as undefined are left out. */
export function upgradeRequest(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const { line = 'GET /rpc HTTP/1.1', ...headers } = {
    ...{ Host: 'sales', Connection: 'Upgrade', Upgrade: 'websocket' },
    ...{ 'Sec-WebSocket-Key': key, 'Sec-WebSocket-Version': '13' },
    'Sec-WebSocket-Protocol': protocolName,
    ...changes,
  }
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  )
  return [line, ...lines, '\r\n'].join('\r\n')
}

/** A frame of the protocol `banyan.frames.1`, with any body behind its head. */
export function frame(type: number, body: Buffer | string = '', name = 0): Buffer {
  const bytes = Buffer.from(body)
  const slab = new Slab(headroomBytes + 8 + bytes.length)
  slab.begin(type, 0, name)
  bytes.copy(slab.bytes, slab.used)
  slab.used += bytes.length
  slab.end()
  return slab.bytes.subarray(headroomBytes, slab.used)
}

/** Numbers as the protocol writes them. */
export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4)
  return bytes
}

/** The body of a call frame of the first name, whose input is given in bytes. */
function callBody(id: number, input: Buffer | string): Buffer {
  return Buffer.concat([u32(id, 1_000), Buffer.alloc(24, 1), Buffer.alloc(10), Buffer.from(input)])
}

/** Introduces the first name. */
export const nameFrame: Buffer = frame(frameType.name, 'inventory.reserve', 1)
/** A call of the first name. */
export function callFrame(id: number, input: Buffer | string): Buffer {
  return frame(frameType.call, callBody(id, input), 1)
}

/** A call whose input of so many bytes is announced in parts. */
export function announced(id: number, bytes: number): Buffer {
  const call = callFrame(id, u32(bytes))
  call[5] = 1
  return call
}

/** A hello frame. */
export function helloFrame(changes: Partial<Parameters<typeof writeHello>[1]> = {}): Buffer {
  const slab = new Slab(4_096)
  const bounds = { inFlightMax: 100, payloadBytesMax: 1_000_000 }
  writeHello(slab, { application, service: 'edge', instance: 'edge-1', ...bounds, ...changes })
  return slab.bytes.subarray(headroomBytes, slab.used)
}

/** A peer that says what a test makes it say, and writes down what it hears. */
export class RawPeer implements Disposable {
  readonly socket: Socket
  /** Frames of the protocol, after the upgrade. */
  readonly frames: { readonly type: number; readonly body: string }[] = []
  /** The code that the other end closed with. */
  closeCode: number | undefined = undefined
  isClosed: boolean = false
  #text: string = ''
  #isUpgraded = false
  readonly #messages: WebSocketReader
  #waiting: (() => void)[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    const frames = new FrameReader((bytes, start, end) => {
      this.frames.push({
        type: bytes[start + 4] ?? 0,
        body: bytes.toString('utf8', start + 8, end),
      })
    })
    this.#messages = new WebSocketReader(
      {
        payload: (bytes, start, end) => frames.push(bytes, start, end),
        ping: () => {},
        closed: (code) => {
          this.closeCode = code
        },
      },
      false,
    )
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#tell()
    })
  }

  static async connect(endpoint: Endpoint): Promise<RawPeer> {
    const socket =
      endpoint.kind === 'unix'
        ? connect({ path: endpoint.path })
        : connect({ host: endpoint.host, port: endpoint.port })
    await new Promise<void>((resolve) => void socket.once('connect', resolve))
    return new RawPeer(socket)
  }

  /** A peer that is upgraded and has said hello. */
  static async greeted(endpoint: Endpoint): Promise<RawPeer> {
    const peer = await RawPeer.connect(endpoint)
    await peer.upgrade()
    peer.send(helloFrame())
    return peer
  }

  async upgrade(): Promise<void> {
    this.socket.write(upgradeRequest())
    await this.until(() => this.frames.length > 0)
  }

  /** Sends bytes as one WebSocket message. */
  send(bytes: Buffer, wish: FrameWish = {}): void {
    this.socket.write(webSocketFrame(bytes, { mask: Buffer.from([9, 8, 7, 6]), ...wish }))
  }

  /** What was answered before an upgrade. */
  get answer(): string {
    return this.#text
  }

  async until(isMet: () => boolean): Promise<void> {
    while (!isMet()) {
      if (this.isClosed) throw new Error(`closed with ${this.closeCode}: ${this.#text}`)
      await new Promise<void>((resolve) => void this.#waiting.push(resolve))
    }
  }

  /** Waits until the other end closes. @returns its code. */
  async ended(): Promise<number | undefined> {
    while (!this.isClosed) await new Promise<void>((resolve) => void this.#waiting.push(resolve))
    return this.closeCode
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #read(chunk: Buffer): void {
    if (this.#isUpgraded) this.#messages.push(chunk)
    else this.#readHead(chunk)
    this.#tell()
  }

  #readHead(chunk: Buffer): void {
    this.#text += chunk.toString('latin1')
    const end = this.#text.indexOf('\r\n\r\n')
    if (!this.#text.startsWith('HTTP/1.1 101') || end === -1) return
    this.#isUpgraded = true
    this.#messages.push(Buffer.from(this.#text.slice(end + 4), 'latin1'))
  }

  #tell(): void {
    for (const waiting of this.#waiting.splice(0)) waiting()
  }
}
