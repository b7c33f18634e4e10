import type { AsyncMessage, Envelope } from 'rabbitmq-client'
import type { CarriedMessage } from '../../messages/index.ts'

/** How a message stands in AMQP: its payload is the body, so that others can read it as JSON; the rest are
 *  properties. An encoding is named because the client would parse the body without it. */
export function toEnvelope(
  exchange: string,
  application: string,
  message: CarriedMessage,
): { readonly envelope: Envelope; readonly body: Buffer } {
  const { id, name, version, key, payload, headers } = message
  return {
    envelope: {
      exchange,
      routingKey: name,
      mandatory: true,
      durable: true,
      messageId: id,
      type: name,
      appId: application,
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: {
        'banyan-version': version,
        'banyan-headers': headers,
        ...(key === undefined ? {} : { 'banyan-key': key }),
      },
    },
    body: Buffer.from(payload),
  }
}

/** @returns undefined when it was not published by a transport of Banyan. */
export function tryParseMessage(message: AsyncMessage): CarriedMessage | undefined {
  const { messageId: id, type: name, headers: properties = {}, body } = message
  const version: unknown = properties['banyan-version']
  const headers: unknown = properties['banyan-headers']
  const key: unknown = properties['banyan-key']
  const isWhole =
    id !== undefined &&
    name !== undefined &&
    typeof version === 'number' &&
    typeof headers === 'string' &&
    (key === undefined || typeof key === 'string') &&
    Buffer.isBuffer(body)
  if (!isWhole) return undefined
  return { id, name, version, key, payload: body.toString('utf8'), headers }
}
