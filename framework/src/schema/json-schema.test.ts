import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { compileSchema } from './index.ts'

test('the JSON Schema describes the wire form', () => {
  const compiled = compileSchema(
    z.object({
      name: z.string().min(1).describe('a name'),
      big: z.bigint(),
      at: z.date(),
      map: z.map(z.string(), z.bigint()).max(2),
      set: z.set(z.int32()),
      bytes: z.instanceof(Uint8Array).refine((bytes) => bytes.length > 0),
      fixed: z.literal([1n, 2n]),
      none: z.void().optional(),
    }),
  )
  const bigint = { type: 'string', pattern: '^-?\\d+$', maxLength: 1_000, format: 'bigint' }
  const pair = {
    type: 'array',
    prefixItems: [{ type: 'string' }, bigint],
    items: false,
    minItems: 2,
  }
  assert.deepEqual(compiled.jsonSchema('output'), {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1, description: 'a name' },
      big: bigint,
      at: { type: 'string', format: 'date-time' },
      map: { type: 'array', items: pair, maxItems: 2 },
      set: {
        type: 'array',
        uniqueItems: true,
        items: { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 },
      },
      bytes: { type: 'string', contentEncoding: 'base64' },
      fixed: { type: 'string', enum: ['1', '2'] },
      none: { type: 'null' },
    },
    required: ['name', 'big', 'at', 'map', 'set', 'bytes', 'fixed'],
    additionalProperties: false,
  })
})

test('the input view takes what may be left out, the output view what is there', () => {
  const compiled = compileSchema(z.object({ page: z.int().default(1), text: z.stringbool() }))
  const [input, output] = [compiled.jsonSchema('input'), compiled.jsonSchema('output')]
  assert.deepEqual(input['required'], ['text'])
  assert.deepEqual(output['required'], ['page', 'text'])
  assert.equal(input['additionalProperties'], undefined)
})

test('a recursive schema refers to itself', () => {
  const tree: z.ZodType = z.object({ children: z.array(z.lazy(() => tree)) }).meta({ id: 'Tree' })
  assert.match(JSON.stringify(compileSchema(tree).jsonSchema('output')), /"\$ref"/)
})

test('a map that contains itself is described', () => {
  const tree: z.ZodType = z.map(
    z.string(),
    z.lazy(() => tree),
  )
  const described = compileSchema(tree).jsonSchema('output')
  assert.equal(described['type'], 'array')
})
