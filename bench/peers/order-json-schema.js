// The order as JSON Schema, for Fastify: ajv checks the request, fast-json-stringify the reply.
const text = (maxLength) => ({ type: 'string', minLength: 1, maxLength })
const minor = { type: 'integer', minimum: 0, maximum: 1_000_000_000 }
const closed = (properties) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
})
const currency = { type: 'string', enum: ['EUR', 'USD', 'GBP'] }

export const orderRequestSchema = closed({
  orderId: { type: 'string', format: 'uuid' },
  customerId: { type: 'integer', minimum: 1 },
  email: { type: 'string', format: 'email' },
  currency,
  placedOn: { type: 'string', format: 'date' },
  express: { type: 'boolean' },
  discountPercent: { type: 'integer', minimum: 0, maximum: 100 },
  note: { type: 'string', maxLength: 200 },
  tags: { type: 'array', maxItems: 8, items: text(32) },
  address: closed({
    street: text(100),
    city: text(60),
    zip: text(12),
    country: { type: 'string', minLength: 2, maxLength: 2 },
  }),
  lines: {
    type: 'array',
    minItems: 1,
    maxItems: 50,
    items: closed({
      sku: text(32),
      quantity: { type: 'integer', minimum: 1, maximum: 100 },
      unitMinor: minor,
    }),
  },
})

export const orderReplySchema = closed({
  orderId: { type: 'string' },
  placedBy: { type: 'string' },
  status: { type: 'string', enum: ['accepted', 'review'] },
  email: { type: 'string' },
  currency,
  placedOn: { type: 'string' },
  fieldCount: { type: 'integer' },
  lineCount: { type: 'integer' },
  grossMinor: { type: 'integer' },
  discountMinor: { type: 'integer' },
  netMinor: { type: 'integer' },
  shipTo: closed({ city: { type: 'string' }, country: { type: 'string' } }),
  lines: {
    type: 'array',
    items: closed({
      sku: { type: 'string' },
      quantity: { type: 'integer' },
      amountMinor: { type: 'integer' },
    }),
  },
})
