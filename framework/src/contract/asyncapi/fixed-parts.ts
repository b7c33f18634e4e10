import type { JsonSchema } from '../json-schema-tree.ts'

/** What travels beside every payload. */
export const headersSchema: JsonSchema = {
  type: 'object',
  properties: {
    traceId: {
      type: 'string',
      pattern: '^[0-9a-f]{32}$',
      description: 'Trace that published it, as in W3C traceparent.',
    },
    spanId: { type: 'string', pattern: '^[0-9a-f]{16}$' },
    isSampled: { type: 'boolean' },
    publishedAtMs: {
      type: 'number',
      description: "Milliseconds since 1970 by the publisher's clock; for people.",
    },
  },
  required: ['traceId', 'spanId', 'isSampled', 'publishedAtMs'],
}

/** Deliveries are the platform's promise, the same on every transport. */
export const description = `Events are published in the transaction that made them true and delivered at least once; events of one channel with one key arrive in their order. Each message carries an id (UUIDv7): a reader knows by it one that comes again. Payloads may get more fields under the same version; readers ignore what they do not know.`
