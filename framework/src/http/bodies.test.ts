import assert from 'node:assert/strict'
import test from 'node:test'
import { serve } from './http.fixture.ts'
import { sendRaw } from './raw-client.fixture.ts'
import { ask, json, operations, user } from './requests.fixture.ts'

test('a body is one JSON object in UTF-8, each key once', async () => {
  await using fixture = await serve(operations)
  const refused = [
    '{"text":"a"',
    '{"text":"a","text":"b"}',
    '{"text":"a","\\u0074ext":"b"}',
    '{"any":{"x":1,"x":1}}',
    '{"any":[{"x":1},{"y":1,"y":2}]}',
    '{"__proto__":{"a":1}}',
    '{"any":{"\\u005f_proto__":1}}',
    `{"any":${'['.repeat(40)}${']'.repeat(40)}}`,
    '\ufeff{"text":"a"}',
    'NaN',
    "{'text':'a'}",
  ]
  for (const body of refused) {
    const { status, code } = await ask(fixture, '/notes', json(body))
    assert.deepEqual([status, code], [400, 'HTTP_BODY_INVALID'], body)
  }
  const bytes = { method: 'POST', headers: { 'Content-Type': 'application/json' } }
  const latin = await ask(fixture, '/notes', {
    ...bytes,
    body: Buffer.from('{"text":"\xe9"}', 'latin1'),
  })
  assert.equal(latin.code, 'HTTP_BODY_INVALID')
  for (const body of [
    '{"text":"a:b\\"c:{[d","any":{"x":[1,{"y":2}],"z":"::"}}',
    '{"text":"é😀"}',
    ' {} ',
    '',
  ]) {
    const { status, text } = await ask(fixture, '/notes', json(body))
    assert.equal(status, 200, `${body}: ${text}`)
  }
  const list = await ask(fixture, '/notes', json('[]'))
  assert.equal(list.code, 'CALL_INPUT_INVALID')
  const onPath = await ask(fixture, '/lines/x/1', { ...json('[]'), method: 'PUT' })
  assert.equal(onPath.code, 'HTTP_BODY_INVALID')
})

test('a text that no database keeps is refused, not answered with 500', async () => {
  await using fixture = await serve(operations)
  const texts = ['a\\u0000b', '\\ud800', '\\udc00\\ud800', 'x\\uD83D']
  const bodies = texts.flatMap((text) => [
    `{"text":"${text}"}`,
    `{"any":[{"${text}":1}]}`,
    `{"any":{"x":["${text}"]}}`,
  ])
  for (const body of bodies) {
    const { status, code } = await ask(fixture, '/notes', json(body))
    assert.deepEqual([status, code], [400, 'HTTP_BODY_INVALID'], body)
  }
  for (const body of ['{"text":"\\ud83d\\ude00 \\u00e9"}', '{"text":"\\\\u0000"}']) {
    assert.equal((await ask(fixture, '/notes', json(body))).status, 200, body)
  }
})

test('nested brackets by the megabyte are refused at once', async () => {
  await using fixture = await serve(operations)
  const body = '['.repeat(1024 * 1024)
  const startMs = performance.now()
  const { code } = await ask(fixture, '/notes', json(body))
  assert.equal(code, 'HTTP_BODY_INVALID')
  assert.ok(performance.now() - startMs < 250)
})

test('only JSON in UTF-8, unencoded, is taken as a body', async () => {
  await using fixture = await serve(operations)
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonp',
  ]
  for (const type of types) {
    const { status, code } = await ask(fixture, '/notes', json('{}', { 'Content-Type': type }))
    assert.deepEqual([status, code], [415, 'HTTP_CONTENT_TYPE_UNSUPPORTED'], type)
  }
  for (const type of ['application/json; charset=UTF-8', 'Application/JSON;charset="utf-8"']) {
    assert.equal((await ask(fixture, '/notes', json('{}', { 'Content-Type': type }))).status, 200)
  }
  const zipped = await ask(fixture, '/notes', json('{}', { 'Content-Encoding': 'gzip' }))
  assert.deepEqual([zipped.status, zipped.code], [415, 'HTTP_CONTENT_ENCODING_UNSUPPORTED'])
  assert.equal((await ask(fixture, '/notes', { method: 'POST' })).status, 200)
})

test('a body where none belongs is refused', async () => {
  await using fixture = await serve(operations)
  const init = {
    method: 'DELETE',
    body: '{}',
    headers: { ...user, 'Content-Type': 'application/json' },
  }
  const { status, code } = await ask(fixture, '/lines/x', init)
  assert.deepEqual([status, code], [400, 'HTTP_BODY_UNEXPECTED'])
})

test('a declared 10 MB body is refused before it is read, an undeclared one at the limit', async () => {
  await using fixture = await serve(operations)
  const head = 'POST /notes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
  const declared = await sendRaw(fixture.port, `${head}Content-Length: 10485760\r\n\r\n{`)
  assert.deepEqual([declared.statuses, declared.isClosed], [[413], true])
  assert.match(declared.text, /HTTP_BODY_TOO_LARGE/)
  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
  const streamed = await sendRaw(
    fixture.port,
    `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(18)}`,
  )
  assert.deepEqual([streamed.statuses, streamed.isClosed], [[413], true])
  await using small = await serve(operations, { bodyBytesMax: 16 })
  assert.equal((await ask(small, '/notes', json('{"text":"1234567890"}'))).status, 413)
  assert.equal((await ask(small, '/notes', json('{"text":"1"}'))).status, 200)
})

test('the client hears "100 Continue" only when its body is wanted', async () => {
  await using fixture = await serve(operations)
  const head = 'POST /notes HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n'
  const wanted = await sendRaw(
    fixture.port,
    `${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
  )
  assert.match(wanted.text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  const unwanted = await sendRaw(
    fixture.port,
    `${head}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n`,
  )
  assert.match(unwanted.text, /^HTTP\/1\.1 415 /)
})
