import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { compileSchema, redact, secret, secretFields } from './index.ts'

const login = z.object({
  email: z.string(),
  password: secret(z.string()).min(3).optional(),
  cards: z.array(z.object({ holder: z.string(), number: secret(z.string()) })),
  byName: z.map(z.string(), secret(z.int())),
  either: z.union([z.object({ token: secret(z.string()) }), z.string()]).optional(),
  headers: z.record(z.string(), secret(z.string())).nullable(),
})

test('secret values are left out, wherever they stand', () => {
  const value = {
    email: 'a@b.co',
    password: 'hunter2',
    cards: [{ holder: 'A', number: '4111' }],
    byName: new Map([['a', 7]]),
    either: { token: 'hunter2' },
    headers: { cookie: 'hunter2' },
  }
  const expected = {
    email: 'a@b.co',
    password: '[redacted]',
    cards: [{ holder: 'A', number: '[redacted]' }],
    byName: [['a', '[redacted]']],
    either: { token: '[redacted]' },
    headers: { cookie: '[redacted]' },
  }
  assert.deepEqual(redact(login, value), expected)
  assert.deepEqual(redact(compileSchema(login), value), expected)
  assert.equal(value.password, 'hunter2')
})

test('absent values stay absent, and a plain branch of a union stays plain', () => {
  const value = { email: 'a', password: undefined, either: 'plain', headers: null, cards: [] }
  assert.deepEqual(redact(login, value), value)
})

test('what has not the form of the schema is left out as a whole where it could hold a secret', () => {
  assert.equal(redact(login, 'email=a&password=hunter2'), '[redacted]')
  assert.deepEqual(redact(login, { cards: 'hunter2', headers: ['hunter2'], email: 5 }), {
    cards: '[redacted]',
    headers: '[redacted]',
    email: 5,
  })
})

test('a schema without secrets costs nothing', () => {
  const value = { a: 'x' }
  assert.equal(redact(z.object({ a: z.string() }), value), value)
})

test('a recursive schema and a value without end are redacted', () => {
  const node: z.ZodType = z.object({ key: secret(z.string()), next: z.lazy(() => node).optional() })
  const endless: Record<string, unknown> = { key: 'hunter2' }
  endless['next'] = endless
  assert.doesNotMatch(JSON.stringify(redact(node, endless)), /hunter2/)
})

test('the fields that hold secrets are named, at any depth, and no others', () => {
  const names = ['byName', 'headers', 'number', 'password', 'token']
  assert.deepEqual(secretFields(login).toSorted(), names)
  assert.deepEqual(secretFields(z.object({ a: z.string() })), [])
})
