import { headers as createHeaders, type MsgHdrs } from '@nats-io/transport-node'
import type { CarriedMessage } from '../../messages/index.ts'

const idHeader = 'Nats-Msg-Id'
const nameHeader = 'Banyan-Name'
const versionHeader = 'Banyan-Version'
const keyHeader = 'Banyan-Key'
const headersHeader = 'Banyan-Headers'

/** What the headers of one message take besides its payload, at most: 4 KiB of headers that may triple
 *  when they are quoted, a key, and names. */
export const overheadBytesMax: number = 64 * 1024

/** The headers of a message in NATS; its body is the payload as it is. */
export function writeHeaders(message: CarriedMessage): MsgHdrs {
  const written = createHeaders()
  written.set(idHeader, message.id)
  written.set(nameHeader, quote(message.name))
  written.set(versionHeader, String(message.version))
  if (message.key !== undefined) written.set(keyHeader, quote(message.key))
  written.set(headersHeader, quote(message.headers))
  return written
}

/** The message that `writeHeaders` and its payload made; undefined for what somebody else published. */
export function tryReadMessage(
  read: MsgHdrs | undefined,
  data: Uint8Array,
): CarriedMessage | undefined {
  const id = read?.get(idHeader)
  const name = tryUnquote(read?.get(nameHeader))
  const version = Number(read?.get(versionHeader))
  const headers = tryUnquote(read?.get(headersHeader))
  const hasKey = read?.has(keyHeader) === true
  const key = hasKey ? tryUnquote(read.get(keyHeader)) : undefined
  if (id === undefined || id === '' || name === undefined || headers === undefined) return undefined
  if (!Number.isInteger(version) || version < 1 || (hasKey && key === undefined)) return undefined
  return { id, name, version, key, payload: Buffer.from(data).toString('utf8'), headers }
}

/** Headers of NATS hold one line each: text as a JSON string in ASCII. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function tryUnquote(text: string | undefined): string | undefined {
  if (text === undefined || !text.startsWith('"')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
