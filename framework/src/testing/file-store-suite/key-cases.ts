import assert from 'node:assert/strict'
import { filesKeyInvalid } from '../../files/index.ts'
import type { FileStoreCase } from './case.ts'
import { listAll, put, read } from './tools.ts'

/** Names that one store or another would like to mix up. */
const awkward = [
  'a',
  'a/b',
  'A',
  'a+b',
  'a b',
  'a%2Bb',
  'a%b',
  'a+/b',
  '.hidden',
  '...',
  "q'(!)*~",
  'x&y<z>"#?=;:@,$',
  'con',
  'b'.repeat(80),
  'B'.repeat(80),
]

/** Names that no store takes. */
const forbidden = [
  '',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  '../a',
  'a/../b',
  'a/./b',
  'a\\b',
  'a\0b',
  'a\nb',
  'é',
  'a'.repeat(81),
  'ab/'.repeat(171),
]

/** A key names one file, and no text leads out of the store. */
export const keyCases: readonly FileStoreCase[] = [
  {
    title: 'every allowed key is a file of its own',
    async run(given) {
      for (const name of awkward) await put(given, name, `content of ${name}`)
      for (const name of awkward) {
        assert.equal((await read(given, name)).toString(), `content of ${name}`)
      }
      const keys = awkward.map((name) => `${given.folder}/${name}`).sort()
      assert.deepEqual(await listAll(given, `${given.folder}/`, 4), keys)
    },
  },
  {
    title: 'a key that leads elsewhere is refused by every operation',
    async run({ store, lifetime }) {
      const content = Buffer.from('x')
      for (const key of forbidden) {
        const refused = (work: Promise<unknown>): Promise<void> =>
          assert.rejects(work, filesKeyInvalid.is, JSON.stringify(key.slice(0, 20)))
        await refused(store.put(lifetime, { key, content, contentType: 'text/plain' }))
        await refused(store.get(lifetime, { key }))
        await refused(store.head(lifetime, key))
        await refused(store.delete(lifetime, key))
        if (key !== '') await refused(store.list(lifetime, { prefix: '', after: key }))
      }
      for (const prefix of ['/', '../', 'a//', 'a/../b', 'é']) {
        await assert.rejects(store.list(lifetime, { prefix }), filesKeyInvalid.is, prefix)
      }
    },
  },
]
