import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { createWorld } from '../kernel/index.ts'
import { filesExists, filesKeyInvalid, filesNotFound } from './errors.ts'
import { createLocalFileStore } from './local-file-store.ts'
import { ModuleFiles } from './module-files.ts'

const lifetime = { signal: new AbortController().signal, deadlineMs: Number.POSITIVE_INFINITY }
const type = { contentType: 'text/plain' }

test('a module sees its own files under plain keys, and cannot name those of another', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-files-'))
  try {
    const store = createLocalFileStore({ folder, world: createWorld() })
    const media = new ModuleFiles(store, 'media', lifetime)
    const medialab = new ModuleFiles(store, 'medialab', lifetime)
    for (const key of ['a', 'b/c', 'd']) {
      const info = await media.put(key, Buffer.from(`media ${key}`), type)
      assert.equal(info.key, key)
    }
    await medialab.put('a', Buffer.from('medialab a'), type)
    await using file = await media.get('a', { range: { first: 0, last: 4 } })
    assert.equal(file.info.key, 'a')
    assert.equal((await file.bytes()).toString(), 'media')
    assert.equal((await media.head('b/c')).key, 'b/c')
    const first = await media.list('', { countMax: 2 })
    assert.deepEqual(
      first.files.map(({ key }) => key),
      ['a', 'b/c'],
    )
    const { files, nextAfter } = await media.list('', { after: first.nextAfter ?? '' })
    assert.deepEqual([files.map(({ key }) => key), nextAfter], [['d'], undefined])
    await assert.rejects(
      media.put('a', Buffer.from('x'), { ...type, ifAbsent: true }),
      filesExists.is,
    )
    await media.delete('a')
    await assert.rejects(media.head('a'), filesNotFound.is)
    assert.equal((await medialab.head('a')).sizeBytes, 10)
    for (const key of ['../medialab/a', '/medialab/a', '']) {
      await assert.rejects(media.head(key), filesKeyInvalid.is)
      await assert.rejects(media.delete(key), filesKeyInvalid.is)
      await assert.rejects(media.put(key, Buffer.from('x'), type), filesKeyInvalid.is)
    }
    await assert.rejects(media.list('../'), filesKeyInvalid.is)
    await assert.rejects(media.list('', { after: '../medialab/a' }), filesKeyInvalid.is)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
