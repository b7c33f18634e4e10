import { readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../../../kernel/index.ts'
import { databaseName, userName } from './cluster.ts'

/** What a server answers to somebody who wants to connect. */
export type Readiness =
  | { readonly state: 'ready' }
  /** Nobody listens, or it starts up or shuts down. */
  | { readonly state: 'not_yet' }
  /** It runs, and refuses for good. */
  | { readonly state: 'refused'; readonly message: string }

/** SQLSTATE cannot_connect_now: starting up, shutting down or recovering. */
const cannotConnectNow = '57P03'
/** The eighth line, counted from 0. */
const statusLine = 7
const probeTimeoutMs = 2_000
const protocolVersion = 196_608

export type Address = { readonly path: string } | { readonly host: string; readonly port: number }

/** Whether the server has written into `postmaster.pid` that it accepts connections. */
export async function reportsReady(data: string, pid: number): Promise<boolean> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  return lines[0] === String(pid) && lines[statusLine]?.trim() === 'ready'
}

/** Connects as a client does and reads the first answer: what "ready" means is that this works. */
export function askReadiness(address: Address, clock: Clock): Promise<Readiness> {
  return new Promise((resolve) => {
    const socket = createConnection(address)
    let received = Buffer.alloc(0)
    const finish = (readiness: Readiness): void => {
      timer.stop()
      socket.destroy()
      resolve(readiness)
    }
    const timer = clock.after(probeTimeoutMs, () => finish({ state: 'not_yet' }))
    socket.once('connect', () => socket.write(startupMessage()))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      const readiness = tryParse(received)
      if (readiness !== undefined) finish(readiness)
    })
    socket.once('error', () => finish({ state: 'not_yet' }))
    socket.once('close', () => finish({ state: 'not_yet' }))
  })
}

function startupMessage(): Buffer {
  const text = ['user', userName, 'database', databaseName, ''].map((word) => `${word}\0`).join('')
  const message = Buffer.alloc(8 + Buffer.byteLength(text))
  message.writeInt32BE(message.length, 0)
  message.writeInt32BE(protocolVersion, 4)
  message.write(text, 8)
  return message
}

/** Undefined until the decisive message (ReadyForQuery, ErrorResponse, or a demand for a password)
 *  is complete. */
function tryParse(bytes: Buffer): Readiness | undefined {
  let offset = 0
  while (offset + 5 <= bytes.length) {
    const type = String.fromCharCode(bytes.readUInt8(offset))
    const end = offset + 1 + bytes.readInt32BE(offset + 1)
    if (end > bytes.length) return undefined
    const body = bytes.subarray(offset + 5, end)
    if (type === 'Z' || (type === 'R' && body.readInt32BE(0) !== 0)) return { state: 'ready' }
    if (type === 'E') return readError(body)
    offset = end
  }
  return undefined
}

function readError(body: Buffer): Readiness {
  const fields = body.toString('utf8').split('\0')
  const field = (key: string): string =>
    fields.find((text) => text.startsWith(key))?.slice(1) ?? 'unknown'
  if (field('C') === cannotConnectNow) return { state: 'not_yet' }
  return { state: 'refused', message: `${field('M')} (${field('C')})` }
}
