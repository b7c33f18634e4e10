import assert from 'node:assert/strict'
import type { FileStoreCase } from './case.ts'
import { listAll, put } from './tools.ts'

const names = ['a', 'a-b', 'a/1', 'a/2', 'a/b/c', 'a0', 'ab/x', 'b', 'c/d/e/f', 'c/d/g', 'Z']

/** Lists are complete, in order, and of one prefix. */
export const listCases: readonly FileStoreCase[] = [
  {
    title: 'pages of any size meet every file once, in the order of the keys',
    async run(given) {
      for (const name of names) await put(given, `list/${name}`, name)
      const base = `${given.folder}/list/`
      const keys = names.map((name) => `${base}${name}`).sort()
      for (const countMax of [1, 2, 3, names.length, 1_000]) {
        assert.deepEqual(await listAll(given, base, countMax), keys, `pages of ${countMax}`)
      }
    },
  },
  {
    title: 'a prefix may end anywhere, and a list may begin after any key',
    async run(given) {
      const { store, lifetime, folder } = given
      for (const name of names) await put(given, `part/${name}`, name)
      const base = `${folder}/part/`
      const shown = async (prefix: string, after?: string): Promise<string[]> => {
        const full = after === undefined ? undefined : `${base}${after}`
        const page = await store.list(lifetime, { prefix: `${base}${prefix}`, after: full })
        return page.files.map(({ key }) => key.slice(base.length))
      }
      assert.deepEqual(await shown('a'), ['a', 'a-b', 'a/1', 'a/2', 'a/b/c', 'a0', 'ab/x'])
      assert.deepEqual(await shown('a/'), ['a/1', 'a/2', 'a/b/c'])
      assert.deepEqual(await shown('c/d'), ['c/d/e/f', 'c/d/g'])
      assert.deepEqual(await shown('nothing'), [])
      assert.deepEqual(await shown('a', 'a/1'), ['a/2', 'a/b/c', 'a0', 'ab/x'])
      assert.deepEqual(await shown('', 'b'), ['c/d/e/f', 'c/d/g'])
      assert.deepEqual(await shown('a/', 'a/1x'), ['a/2', 'a/b/c'])
      assert.deepEqual(await shown('a', 'Z'), await shown('a'))
      assert.deepEqual(await shown('b', 'c'), [])
    },
  },
  {
    title: 'a list says how large files are, and forgets those that were deleted',
    async run(given) {
      const { store, lifetime, folder } = given
      await put(given, 'sizes/three', 'abc')
      await put(given, 'sizes/none', '')
      await put(given, 'sizes/gone', 'x')
      await store.delete(lifetime, `${folder}/sizes/gone`)
      const { files, nextAfter } = await store.list(lifetime, { prefix: `${folder}/sizes/` })
      const said = files.map(({ key, sizeBytes }) => [key.split('/').pop(), sizeBytes])
      assert.deepEqual(said, [
        ['none', 0],
        ['three', 3],
      ])
      assert.ok(files.every(({ storedAtMs }) => storedAtMs > 1_600_000_000_000))
      assert.equal(nextAfter, undefined)
    },
  },
]
