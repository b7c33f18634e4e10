import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type FileLifetime, filesOptionInvalid, filesStoreRefused } from '../../files/index.ts'
import { createSystemClock, createSystemRandom } from '../../kernel/index.ts'
import { fileStoreSuite } from '../../testing/file-store.suite.ts'
import { createS3FileStore } from './index.ts'
import type { S3FileStoreOptions } from './options.ts'
import { S3Server } from './s3-server.fixture.ts'

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

describe('a bucket of files', () => {
  let server: S3Server
  before(async () => {
    server = await S3Server.start({ ...keys, nowMs: () => clock.nowMs() })
  })
  after(() => server[Symbol.asyncDispose]())

  const storeOf = (options: Partial<S3FileStoreOptions> = {}) =>
    createS3FileStore({
      ...keys,
      endpoint: server.url,
      clock,
      random: createSystemRandom(),
      ...options,
    })

  async function damage(key: string): Promise<void> {
    const object = server.objects.get(key)
    assert.ok(object !== undefined)
    object.body = Buffer.from(object.body)
    object.body[10] = (object.body[10] ?? 0) ^ 1
  }

  fileStoreSuite('S3', () => ({ store: storeOf(), lifetime, damage }))

  test('a wrong secret, key, region or bucket is refused with the code of the store, at once', async () => {
    const wrong: readonly [Partial<S3FileStoreOptions>, string][] = [
      [{ secretAccessKey: 'wrong' }, 'SignatureDoesNotMatch'],
      [{ accessKeyId: 'OTHER' }, 'InvalidAccessKeyId'],
      [{ region: 'us-east-1' }, 'AuthorizationHeaderMalformed'],
      [{ bucket: 'another' }, 'NoSuchBucket'],
    ]
    for (const [options, cause] of wrong) {
      const store = storeOf(options)
      const seen = server.seen.length
      const request = { key: 'a', content: Buffer.from('x'), contentType: 'text/plain' }
      const put = () => store.put(lifetime, request)
      const get = () => store.get(lifetime, { key: 'a' })
      for (const work of [put, get]) {
        await assert.rejects(work, (error) => {
          assert.ok(filesStoreRefused.is(error), String(error))
          assert.equal(error.details.cause, cause)
          assert.ok(!JSON.stringify(error).includes('secret+of'))
          return true
        })
      }
      assert.equal(server.seen.length, seen + 2, 'it was tried again')
    }
  })

  test('objects of others are not taken for files: no checksum, no listed folder', async () => {
    const storedAt = new Date(clock.nowMs())
    server.objects.set('others/file', { body: Buffer.from('x'), headers: {}, storedAt })
    for (let count = 0; count < 5; count++) {
      const key = `others/${count}/`
      server.objects.set(key, { body: Buffer.alloc(0), headers: {}, storedAt })
    }
    const store = storeOf()
    await assert.rejects(store.head(lifetime, 'others/file'), { code: 'FILES_CORRUPT' })
    const page = await store.list(lifetime, { prefix: 'others/', countMax: 1 })
    assert.deepEqual(
      page.files.map(({ key }) => key),
      ['others/file'],
    )
  })

  test('options that cannot work are refused before anything is sent', () => {
    const wrong: readonly Partial<S3FileStoreOptions>[] = [
      { endpoint: 's3.example.org' },
      { endpoint: 'https://s3.example.org/bucket' },
      { endpoint: 'ftp://s3.example.org' },
      { bucket: 'UPPER' },
      { bucket: 'a/b' },
      { region: '' },
      { accessKeyId: '' },
      { secretAccessKey: '' },
      { attemptsMax: 0 },
      { attemptMs: 1 },
    ]
    for (const options of wrong) assert.throws(() => storeOf(options), filesOptionInvalid.is)
  })
})
