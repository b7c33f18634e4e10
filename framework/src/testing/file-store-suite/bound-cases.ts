import assert from 'node:assert/strict'
import { filesNotFound, filesOptionInvalid, filesTooLarge } from '../../files/index.ts'
import type { FileStoreCase, FileStoreGiven } from './case.ts'
import { bytesOf, partsOf, put, read, putWith } from './tools.ts'

/** What is too large, wrong or no longer wanted leaves nothing behind. */
export const boundCases: readonly FileStoreCase[] = [
  {
    title: 'a content above its bound is refused and not stored, one at its bound is stored',
    async run(given) {
      const content = bytesOf('bound', 10_000)
      const tooSmall = { sizeBytesMax: 9_999 }
      await assert.rejects(putWith(given, 'over', { content, ...tooSmall }), filesTooLarge.is)
      const parts = partsOf(content, 1_000)
      await assert.rejects(
        putWith(given, 'over', { content: parts, ...tooSmall }),
        filesTooLarge.is,
      )
      await assertMissing(given, 'over')
      await putWith(given, 'at', { content: partsOf(content, 1_000), sizeBytesMax: 10_000 })
      assert.ok((await read(given, 'at')).equals(content))
      await putWith(given, 'none', { content: Buffer.alloc(0), sizeBytesMax: 0 })
    },
  },
  {
    title: 'options outside their range are refused',
    async run(given) {
      const { store, lifetime, folder } = given
      for (const contentType of ['', 'text', 'text/plain\r\nx: y', `a/${'b'.repeat(127)}`]) {
        await assert.rejects(
          putWith(given, 'type', { content: Buffer.from('x'), contentType }),
          filesOptionInvalid.is,
        )
      }
      for (const sizeBytesMax of [-1, 0.5, 64 * 1024 * 1024 + 1]) {
        await assert.rejects(
          putWith(given, 'size', { content: Buffer.from('x'), sizeBytesMax }),
          filesOptionInvalid.is,
        )
      }
      for (const countMax of [0, 1_001, 1.5]) {
        const listed = store.list(lifetime, { prefix: folder, countMax })
        await assert.rejects(listed, filesOptionInvalid.is)
      }
      for (const range of [{ first: -1 }, { first: 2, last: 1 }, { first: 0.5 }]) {
        const key = `${folder}/any`
        await assert.rejects(store.get(lifetime, { key, range }), filesOptionInvalid.is)
      }
    },
  },
  {
    title: 'a source that fails is passed on, and nothing is stored',
    async run(given) {
      const broken = new Error('the source broke')
      async function* source(): AsyncGenerator<Uint8Array> {
        yield bytesOf('broken', 70_000)
        throw broken
      }
      await assert.rejects(put(given, 'broken', source()), broken)
      await assertMissing(given, 'broken')
    },
  },
  {
    title: 'what is no longer wanted ends with the reason, also where the source hangs',
    async run(given) {
      await put(given, 'wanted', 'x')
      const key = `${given.folder}/wanted`
      const gone = new AbortController()
      const reason = new Error('nobody waits')
      const lifetime = { ...given.lifetime, signal: gone.signal }
      async function* hanging(): AsyncGenerator<Uint8Array> {
        yield bytesOf('hanging', 1_000)
        queueMicrotask(() => gone.abort(reason))
        await new Promise(() => {})
      }
      const content = hanging()
      const request = { key: `${given.folder}/hung`, content, contentType: 'text/plain' }
      await assert.rejects(given.store.put(lifetime, request), reason)
      await assertMissing(given, 'hung')
      await assert.rejects(given.store.get(lifetime, { key }), reason)
      await assert.rejects(given.store.head(lifetime, key), reason)
      await assert.rejects(given.store.list(lifetime, { prefix: '' }), reason)
      await assert.rejects(given.store.delete(lifetime, key), reason)
      assert.equal((await read(given, 'wanted')).toString(), 'x')
    },
  },
]

async function assertMissing({ store, lifetime, folder }: FileStoreGiven, name: string) {
  await assert.rejects(store.head(lifetime, `${folder}/${name}`), filesNotFound.is)
}
