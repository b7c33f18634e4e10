import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import * as z from 'zod'
import { command, contract, fileAnswer, query } from '../contract/index.ts'
import { createExternalCaller } from '../call/index.ts'
import { S3Server } from '../engines/s3/s3-server.fixture.ts'
import { createWorld } from '../kernel/index.ts'
import { application, module } from '../module/index.ts'
import { createMemorySink } from '../telemetry/index.ts'
import { parseSettings, startRuntime } from './index.ts'

const notes = contract('notes', {
  operations: {
    write: command({
      input: z.object({ name: z.string(), text: z.string() }),
      output: z.object({ etag: z.string() }),
      access: 'public',
    }),
    read: query({ input: z.object({ name: z.string() }), output: fileAnswer, access: 'public' }),
  },
})

const notebook = application('notebook', {
  modules: [
    module(notes, {
      handlers: {
        write: async ({ name, text }, ctx) => {
          const content = Buffer.from(text)
          const { etag } = await ctx.files.put(name, content, { contentType: 'text/plain' })
          return { etag }
        },
        read: async ({ name }, ctx) => {
          await using file = await ctx.files.get(name)
          return { contentType: file.info.contentType, bytes: await file.bytes() }
        },
      },
    }),
  ],
})

async function writeAndRead(environment: Record<string, string>): Promise<void> {
  const settings = parseSettings({
    BANYAN_TOKEN_SECRET: 'a secret for tests that is known to everybody',
    ...environment,
  })
  const sink = createMemorySink()
  await using runtime = await startRuntime({ application: notebook, settings, sink, listen: false })
  const caller = createExternalCaller(runtime.instance.calls).of(notes)
  const { etag } = await caller.write({ name: 'a', text: 'hello' })
  assert.match(etag, /^2cf24dba5fb0a30e/)
  const { contentType, bytes } = await caller.read({ name: 'a' })
  assert.deepEqual([contentType, Buffer.from(bytes).toString()], ['text/plain', 'hello'])
  await assert.rejects(caller.read({ name: 'b' }), { code: 'FILES_NOT_FOUND' })
  await assert.rejects(caller.read({ name: '../a' }), { code: 'FILES_KEY_INVALID' })
}

test('without a setting files are kept in the folder of local state, by module', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-runtime-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeAndRead({ BANYAN_FOLDER: folder })
  assert.deepEqual(await readdir(path.join(folder, 'files', 'keys', 'notes+')), ['a'])
})

test('a setting puts them into a bucket, and the module does not notice', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-runtime-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const keys = { accessKeyId: 'AKID', secretAccessKey: 'a/b+c=', region: 'eu-central-1' }
  const { clock } = createWorld()
  await using server = await S3Server.start({ ...keys, bucket: 'shop', nowMs: () => clock.nowMs() })
  const secret = encodeURIComponent(keys.secretAccessKey)
  const place = `region=eu-central-1&endpoint=${encodeURIComponent(server.url)}`
  const url = `s3://AKID:${secret}@shop?${place}`
  await writeAndRead({ BANYAN_FOLDER: folder, BANYAN_FILES_URL: url })
  assert.deepEqual([...server.objects.keys()], ['notes/a'])
})
