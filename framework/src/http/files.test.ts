import assert from 'node:assert/strict'
import test from 'node:test'
import * as z from 'zod'
import { command, fileAnswer, query } from '../contract/index.ts'
import { operationOf, serve } from './http.fixture.ts'

const bytes = Buffer.from([0xff, 0xd8, 0, 0x0a, 0x80])
const input = z.object({ name: z.string() })
const file = { input, output: fileAnswer, access: 'public' } as const

const operations = [
  operationOf('media.image', query({ ...file, http: 'GET /images/{name}' }), () => ({
    contentType: 'image/jpeg',
    bytes,
  })),
  operationOf('media.turn', command({ ...file, http: 'POST /turns', status: 201 }), () => ({
    contentType: 'text/plain; charset=utf-8',
    bytes: new Uint8Array(0),
  })),
  operationOf(
    'media.shown',
    query({ ...file, output: fileAnswer.extend({}), http: 'GET /shown' }),
    () => ({
      contentType: 'image/jpeg',
      bytes,
    }),
  ),
]

test('an operation whose output is a file answers with its bytes, which can be revalidated', async () => {
  await using fixture = await serve(operations)
  const answer = await fetch(`${fixture.url}/images/a`)
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('content-type'), 'image/jpeg')
  assert.equal(answer.headers.get('content-length'), '5')
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes)
  const etag = answer.headers.get('etag') ?? ''
  const again = await fetch(`${fixture.url}/images/a`, { headers: { 'If-None-Match': etag } })
  assert.deepEqual([again.status, await again.text()], [304, ''])
})

test('a command may answer with a file, also an empty one; nobody keeps it', async () => {
  await using fixture = await serve(operations)
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' } }
  const answer = await fetch(`${fixture.url}/turns`, { ...init, body: '{"name":"a"}' })
  assert.equal(answer.status, 201)
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.equal(answer.headers.get('content-length'), '0')
})

test('a schema of the same form is answered as JSON', async () => {
  await using fixture = await serve(operations)
  const answer = await fetch(`${fixture.url}/shown?name=a`)
  assert.deepEqual(await answer.json(), { contentType: 'image/jpeg', bytes: '/9gACoA=' })
})

test('an operation may take a larger body than its listener does, and a smaller one', async () => {
  const echo = { input, output: z.object({ length: z.int() }), access: 'public' } as const
  const lengthOf = ({ name }: { name: string }) => ({ length: name.length })
  const operationsOf = [
    operationOf(
      'a.large',
      command({ ...echo, http: 'POST /large', bodyBytesMax: 65_536 }),
      lengthOf,
    ),
    operationOf(
      'a.small',
      command({ ...echo, http: 'POST /small', bodyBytesMax: 1_024 }),
      lengthOf,
    ),
    operationOf('a.usual', command({ ...echo, http: 'POST /usual' }), lengthOf),
  ]
  await using fixture = await serve(operationsOf, { bodyBytesMax: 16_384 })
  const statusOf = async (path: string, length: number): Promise<number> => {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' } }
    const body = JSON.stringify({ name: 'x'.repeat(length) })
    return (await fetch(`${fixture.url}${path}`, { ...init, body })).status
  }
  assert.deepEqual([await statusOf('/large', 60_000), await statusOf('/large', 65_536)], [200, 413])
  assert.deepEqual([await statusOf('/usual', 16_000), await statusOf('/usual', 20_000)], [200, 413])
  assert.deepEqual([await statusOf('/small', 900), await statusOf('/small', 2_000)], [200, 413])
})
