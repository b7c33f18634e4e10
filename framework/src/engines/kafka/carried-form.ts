import type { IHeaders, KafkaMessage, Message } from 'kafkajs'
import type { CarriedMessage } from '../../messages/index.ts'

/** What a record takes besides its payload, at most: 4 KiB of headers, a key, names, framing. */
export const overheadBytesMax: number = 64 * 1024

/** The record of a message; its value is the payload as it is, its key decides its partition. */
export function writeRecord(message: CarriedMessage): Message {
  const { id, name, version, key, payload, headers } = message
  return {
    key: key ?? null,
    value: payload,
    headers: {
      'banyan-id': id,
      'banyan-name': name,
      'banyan-version': String(version),
      // an empty key and none are the same to some brokers
      ...(key === undefined ? {} : { 'banyan-key': key }),
      'banyan-headers': headers,
    },
  }
}

/** The message that `writeRecord` made; undefined for what somebody else published. */
export function tryReadRecord(record: KafkaMessage): CarriedMessage | undefined {
  const id = tryText(record.headers, 'banyan-id')
  const name = tryText(record.headers, 'banyan-name')
  const version = Number(tryText(record.headers, 'banyan-version'))
  const headers = tryText(record.headers, 'banyan-headers')
  if (id === undefined || name === undefined || headers === undefined) return undefined
  if (!Number.isInteger(version) || version < 1 || record.value === null) return undefined
  const key = tryText(record.headers, 'banyan-key')
  return { id, name, version, key, payload: record.value.toString('utf8'), headers }
}

function tryText(headers: IHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name]
  return Buffer.isBuffer(value) || typeof value === 'string' ? value.toString() : undefined
}
