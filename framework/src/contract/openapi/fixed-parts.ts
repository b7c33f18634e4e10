import type { JsonSchema } from '../json-schema-tree.ts'

const keySchema: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  pattern: '^[\\x20-\\x7e]+$',
}

const keyParameter: JsonSchema = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A new UUID per intention; the same one when it is sent again. The same key gives the same answer for 48 hours; with another request it gives 422.',
  schema: keySchema,
}

/** Parameters that many operations share. */
export const parameterComponents: Readonly<Record<string, JsonSchema>> = {
  IdempotencyKey: keyParameter,
  IdempotencyKeyRequired: { ...keyParameter, required: true },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'The ETag of an answer that the client has; while it is current, 304 is answered.',
    schema: { type: 'string' },
  },
}

export const headerComponents: Readonly<Record<string, JsonSchema>> = {
  ETag: { description: 'Strong validator of the body.', schema: { type: 'string' } },
  'Retry-After': {
    description: 'Seconds to wait before the next attempt.',
    schema: { type: 'integer', minimum: 1 },
  },
}

export const securitySchemes: Readonly<Record<string, JsonSchema>> = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
}
