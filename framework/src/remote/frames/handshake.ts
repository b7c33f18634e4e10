import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { protocolName, upgradePath } from './layout.ts'

/** RFC 6455 §1.3: what proves that a server understood. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The `Sec-WebSocket-Accept` that answers a key. */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + acceptSuffix)
    .digest('base64')
}

/** A fresh `Sec-WebSocket-Key`. */
export function createKey(): string {
  return randomBytes(16).toString('base64')
}

/** The headers that ask for an upgrade. */
export function upgradeHeaders(host: string, key: string): Record<string, string> {
  return {
    host,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': key,
    'sec-websocket-version': '13',
    'sec-websocket-protocol': protocolName,
  }
}

/** What is wrong with the answer to an upgrade, or undefined. */
export function findAnswerError({ headers }: IncomingMessage, key: string): string | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return 'upgraded to something else'
  if (headers['sec-websocket-accept'] !== acceptOf(key)) return 'answered another key'
  if (headers['sec-websocket-protocol'] !== protocolName) return `does not speak ${protocolName}`
  if (headers['sec-websocket-extensions'] !== undefined) return 'uses an extension nobody asked for'
  return undefined
}

/** Why an upgrade is refused. */
export interface UpgradeRefusal {
  readonly status: number
  readonly cause: string
}

/** What is wrong with a request for an upgrade, or undefined. */
export function findUpgradeError(request: IncomingMessage): UpgradeRefusal | undefined {
  const { headers } = request
  if (request.url !== upgradePath) return { status: 404, cause: 'nothing to upgrade here' }
  if (request.method !== 'GET' || request.httpVersion !== '1.1') {
    return { status: 400, cause: 'an upgrade begins with GET and HTTP/1.1' }
  }
  if (headers.host === undefined) return { status: 400, cause: 'no Host header' }
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    return { status: 400, cause: 'only WebSockets are served' }
  }
  if (headers['sec-websocket-version'] !== '13') return { status: 426, cause: 'WebSocket 13 only' }
  if (!/^[A-Za-z0-9+/]{22}==$/.test(headers['sec-websocket-key'] ?? '')) {
    return { status: 400, cause: 'a malformed key' }
  }
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  return offered.includes(protocolName)
    ? undefined
    : { status: 400, cause: `only ${protocolName} is spoken here` }
}

/** The answer that upgrades a connection. Requires: no upgrade error. */
export function formatUpgrade({ headers }: IncomingMessage): string {
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptOf(headers['sec-websocket-key'] ?? '')}`,
    `Sec-WebSocket-Protocol: ${protocolName}`,
    '\r\n',
  ].join('\r\n')
}

/** The answer that refuses one; the connection is closed after it. */
export function formatRefusal({ status, cause }: UpgradeRefusal): string {
  const titles: Readonly<Record<number, string>> = {
    400: 'Bad Request',
    404: 'Not Found',
    426: 'Upgrade Required',
    503: 'Service Unavailable',
  }
  return [
    `HTTP/1.1 ${status} ${titles[status] ?? 'Error'}`,
    ...(status === 426 ? ['Upgrade: websocket', 'Sec-WebSocket-Version: 13'] : []),
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(cause)}`,
    `Connection: ${status === 426 ? 'Upgrade, close' : 'close'}`,
    '',
    cause,
  ].join('\r\n')
}
