import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type FileLifetime,
  filesExists,
  filesOutcomeUnknown,
  filesUnavailable,
} from '../../files/index.ts'
import { createSystemClock, createSystemRandom } from '../../kernel/index.ts'
import { createS3FileStore } from './index.ts'
import type { S3FileStoreOptions } from './options.ts'
import { type S3Fault, S3Server } from './s3-server.fixture.ts'

const clock = createSystemClock()
const keys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'a/secret+of=tests',
  region: 'eu-central-1',
  bucket: 'shop-files',
}
const lifetime: FileLifetime = {
  signal: new AbortController().signal,
  deadlineMs: Number.POSITIVE_INFINITY,
}
const request = { key: 'a', content: Buffer.from('the content'), contentType: 'text/plain' }
const busy: S3Fault = { status: 503, code: 'SlowDown' }

async function open(options: Partial<S3FileStoreOptions> & { readonly skewMs?: number } = {}) {
  const { skewMs = 0, ...rest } = options
  const server = await S3Server.start({ ...keys, nowMs: () => clock.nowMs() + skewMs })
  const given = { ...keys, endpoint: server.url, clock, random: createSystemRandom(), ...rest }
  const store = createS3FileStore(given)
  return { server, store, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('a store that is busy, broken or cut off for a moment is asked again', async () => {
  const passing: readonly S3Fault[] = [
    busy,
    { status: 500, code: 'InternalError' },
    { status: 429, code: '' },
    { status: 400, code: 'RequestTimeout' },
    { status: 409, code: 'OperationAborted' },
    'cut before',
    'cut after',
  ]
  await using given = await open()
  const { server, store } = given
  for (const fault of passing) {
    server.faults.push(fault, fault)
    await store.put(lifetime, request)
    server.faults.push(fault, fault, fault)
    await using file = await store.get(lifetime, { key: 'a' })
    assert.equal((await file.bytes()).toString(), 'the content')
    server.faults.push(fault)
    assert.equal((await store.list(lifetime, { prefix: '' })).files.length, 1)
    server.faults.push(fault)
    await store.delete(lifetime, 'a')
    assert.equal(server.objects.size, 0)
  }
})

test('a put that was refused four times changed nothing; after a cut nobody can say', async () => {
  await using given = await open()
  const { server, store } = given
  server.faults.push(busy, busy, busy, busy)
  await assert.rejects(store.put(lifetime, request), filesUnavailable.is)
  server.faults.push('cut after', busy, busy, busy)
  await assert.rejects(store.put(lifetime, request), filesOutcomeUnknown.is)
  assert.equal(server.objects.size, 1)
  server.faults.push('cut before', 'cut before', 'cut before', 'cut before')
  await assert.rejects(store.delete(lifetime, 'a'), filesOutcomeUnknown.is)
  server.faults.push('cut before', 'cut before', 'cut before', 'cut before')
  await assert.rejects(store.head(lifetime, 'a'), filesUnavailable.is)
})

test('a repeated put with ifAbsent knows the file that its first attempt stored', async () => {
  await using given = await open()
  const { server, store } = given
  server.faults.push('cut after')
  await store.put(lifetime, { ...request, ifAbsent: true })
  assert.deepEqual(
    server.seen.map((line) => line.replace(/ \S+ /, ' ')),
    ['PUT 412', 'HEAD 200'],
  )
  server.faults.push(busy)
  await assert.rejects(store.put(lifetime, { ...request, ifAbsent: true }), filesExists.is)
})

test('a content that breaks off or stops is told, never given short', async () => {
  await using given = await open({ attemptMs: 200 })
  const { server, store } = given
  await store.put(lifetime, { ...request, content: Buffer.alloc(300_000, 'x') })
  for (const fault of ['cut within', 'stop within'] as const) {
    server.faults.push(fault)
    await using file = await store.get(lifetime, { key: 'a' })
    await assert.rejects(file.bytes(), filesUnavailable.is, fault)
  }
})

test('a store that never answers is given up at the deadline, or as soon as nobody waits', async () => {
  await using given = await open({ attemptMs: 150 })
  const { server, store } = given
  const startMs = clock.monotonicMs()
  server.faults.push('never', 'never', 'never', 'never')
  const short = { ...lifetime, deadlineMs: startMs + 250 }
  await assert.rejects(store.put(short, request), filesOutcomeUnknown.is)
  await assert.rejects(store.head(short, 'a'), filesUnavailable.is)
  assert.ok(clock.monotonicMs() - startMs < 1_000, 'it waited beyond the deadline')
  server.faults.length = 0
  server.faults.push('never')
  const gone = new AbortController()
  const reason = new Error('nobody waits')
  clock.after(50, () => gone.abort(reason))
  await assert.rejects(store.head({ ...lifetime, signal: gone.signal }, 'a'), reason)
})

test('a store that is not there is told without a doubt about what happened', async () => {
  const server = await S3Server.start({ ...keys, nowMs: () => clock.nowMs() })
  const endpoint = server.url
  await server[Symbol.asyncDispose]()
  const random = createSystemRandom()
  const store = createS3FileStore({ ...keys, endpoint, clock, random, attemptsMax: 2 })
  await assert.rejects(store.put(lifetime, request), (error) => {
    assert.ok(filesUnavailable.is(error), String(error))
    assert.match(error.message, /ECONNREFUSED/)
    return true
  })
})

for (const hours of [-2, 2]) {
  test(`an instance whose clock is ${hours} h from the store's follows the store's`, async () => {
    await using given = await open({ skewMs: hours * 3_600_000 })
    const { server, store } = given
    await store.put(lifetime, request)
    await store.head(lifetime, 'a')
    assert.deepEqual(
      server.seen.map((line) => line.replace(/ \S+ /, ' ')),
      ['PUT 403', 'PUT 200', 'HEAD 200'],
    )
  })
}

test('requests under way together all follow the clock of the store', async () => {
  await using given = await open({ skewMs: 7_200_000 })
  const puts = Array.from({ length: 8 }, (_, index) =>
    given.store.put(lifetime, { ...request, key: `together/${index}` }),
  )
  await Promise.all(puts)
  assert.equal(given.server.objects.size, 8)
})

test('an answer that is no list is not taken for an empty one', async () => {
  await using given = await open({
    fetch: () => Promise.resolve(new Response('<html>Welcome!</html>', { status: 200 })),
  })
  await assert.rejects(given.store.list(lifetime, { prefix: '' }), filesUnavailable.is)
})
