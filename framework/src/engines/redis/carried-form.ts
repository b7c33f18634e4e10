import type { CarriedMessage } from '../../messages/index.ts'

/** How a message stands in a stream. */
export function toFields(message: CarriedMessage): Record<string, string> {
  const { id, name, version, key, payload, headers } = message
  const fields = { id, name, version: String(version), payload, headers }
  return key === undefined ? fields : { ...fields, key }
}

/** From the fields of an entry, as Redis gives them: names and values in turn. */
export function toMessage(pairs: readonly string[]): CarriedMessage {
  const fields = new Map<string, string>()
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    fields.set(pairs[index] ?? '', pairs[index + 1] ?? '')
  }
  return {
    id: fields.get('id') ?? '',
    name: fields.get('name') ?? '',
    version: Number(fields.get('version') ?? 0),
    key: fields.get('key'),
    payload: fields.get('payload') ?? '',
    headers: fields.get('headers') ?? '',
  }
}
