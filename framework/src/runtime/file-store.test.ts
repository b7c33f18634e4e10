import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { createWorld } from '../kernel/index.ts'
import { runtimeSettingInvalid } from './errors.ts'
import { createFileStore } from './file-store.ts'

const world = createWorld()
const labelOf = async (filesUrl: string | undefined): Promise<string> =>
  (await createFileStore({ filesUrl, folder: '/var/lib/shop' }, world)).label

test('files are kept in the project folder, in another folder, or in a bucket', async () => {
  const shown = (folder: string): string =>
    `the local folder ${path.relative(process.cwd(), folder)}`
  assert.equal(await labelOf(undefined), shown('/var/lib/shop/files'))
  assert.equal(await labelOf('file:///srv/files'), shown('/srv/files'))
  const bucket = 's3://AKID:a%2Fb%2Bc@shop-files?region=eu-central-1'
  assert.equal(await labelOf(bucket), 'the bucket shop-files at s3.eu-central-1.amazonaws.com')
  const minio = `${bucket}&endpoint=${encodeURIComponent('http://127.0.0.1:9000')}`
  assert.equal(await labelOf(minio), 'the bucket shop-files at 127.0.0.1:9000')
})

test('a place of files that cannot be meant is refused without its secret', async () => {
  const wrong = [
    's3://',
    's3://AKID:hunter2@UPPER?region=eu-central-1',
    's3://AKID:hunter2@bucket',
    's3://AKID@bucket?region=eu-central-1',
    's3://AKID:hunter2@bucket/path?region=eu-central-1',
    's3://AKID:hunter2%@bucket?region=eu-central-1',
    's3://AKID:hunter2@bucket?region=eu-central-1&acl=public',
    's3://AKID:hunter2@bucket?region=eu-central-1&endpoint=minio:9000',
    'file://elsewhere/files',
  ]
  for (const filesUrl of wrong) {
    await assert.rejects(labelOf(filesUrl), (error) => {
      assert.ok(runtimeSettingInvalid.is(error), `${filesUrl}: ${String(error)}`)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    })
  }
})
