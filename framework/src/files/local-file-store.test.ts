import assert from 'node:assert/strict'
import { mkdtemp, open, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createWorld } from '../kernel/index.ts'
import { fileStoreSuite } from '../testing/file-store.suite.ts'
import { filesCorrupt, filesUnavailable } from './errors.ts'
import { pathOfKey, tryParseName } from './key-path.ts'
import { createLocalFileStore } from './local-file-store.ts'
import type { FileStore } from './port.ts'

const world = createWorld()
const lifetime = { signal: new AbortController().signal, deadlineMs: Number.POSITIVE_INFINITY }

describe('a local folder of files', () => {
  let folder = ''
  let store: FileStore
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'banyan-files-'))
    store = createLocalFileStore({ folder, world })
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const fileOf = (key: string): string => pathOfKey(path.join(folder, 'keys'), key)
  const put = (key: string, content: string) =>
    store.put(lifetime, { key, content: Buffer.from(content), contentType: 'text/plain' })

  async function damage(key: string): Promise<void> {
    await using handle = await open(fileOf(key), 'r+')
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, 10)
    buffer[0] = (buffer[0] ?? 0) ^ 1
    await handle.write(buffer, 0, 1, 10)
  }

  fileStoreSuite('local folder', () => ({ store, lifetime, damage }))

  test('no draft is left of all that was stored, replaced and refused', async () => {
    assert.deepEqual(await readdir(path.join(folder, 'drafts')), [])
  })

  test('a file without its trailer, or cut off, is told as corrupt', async () => {
    const cases: Record<string, (file: string) => Promise<void>> = {
      short: (file) => truncate(file, 100),
      longer: async (file) => {
        const bytes = await readFile(file)
        await writeFile(file, Buffer.concat([Buffer.from('x'), bytes]))
      },
      garbled: async (file) => {
        const bytes = await readFile(file)
        await writeFile(file, bytes.fill('{', bytes.length - 400))
      },
    }
    for (const [name, spoil] of Object.entries(cases)) {
      await put(`spoilt/${name}`, 'some content')
      await spoil(fileOf(`spoilt/${name}`))
      await assert.rejects(store.head(lifetime, `spoilt/${name}`), filesCorrupt.is, name)
    }
  })

  test('drafts of a killed process are removed after a day, those of a living one are left', async () => {
    const own = path.join(folder, 'swept')
    await createLocalFileStore({ folder: own, world }).put(lifetime, {
      key: 'first',
      content: Buffer.from('x'),
      contentType: 'text/plain',
    })
    const drafts = path.join(own, 'drafts')
    await writeFile(path.join(drafts, 'old'), 'x')
    await writeFile(path.join(drafts, 'young'), 'x')
    const twoDaysAgo = world.clock.nowMs() / 1_000 - 172_800
    await utimes(path.join(drafts, 'old'), twoDaysAgo, twoDaysAgo)
    await createLocalFileStore({ folder: own, world }).put(lifetime, {
      key: 'second',
      content: Buffer.from('x'),
      contentType: 'text/plain',
    })
    assert.deepEqual(await readdir(drafts), ['young'])
  })

  test('a folder that cannot be written is told with the cause', async () => {
    const blocked = path.join(folder, 'blocked')
    await writeFile(blocked, 'a file where the folder should be')
    const bad = createLocalFileStore({ folder: blocked, world })
    const request = { key: 'a', content: Buffer.from('x'), contentType: 'text/plain' }
    await assert.rejects(bad.put(lifetime, request), filesUnavailable.is)
    await assert.rejects(bad.put(lifetime, request), { code: 'FILES_UNAVAILABLE' })
  })

  test('a deleted file leaves no empty folders', async () => {
    await put('tall/tower/of/folders', 'x')
    await store.delete(lifetime, 'tall/tower/of/folders')
    assert.ok(!(await readdir(path.join(folder, 'keys'))).includes('tall+'))
  })
})

test('names that no key leads to are not taken for keys', () => {
  for (const name of ['a~', 'A', 'a%2b', '+', '', '%', 'a%41%zz', 'é']) {
    assert.equal(tryParseName(name), undefined, name)
  }
  assert.deepEqual(tryParseName('%41b+'), { segment: 'Ab', isFolder: true })
})
