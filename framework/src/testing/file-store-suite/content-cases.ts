import assert from 'node:assert/strict'
import { filesCorrupt, filesNotFound, filesRangeInvalid } from '../../files/index.ts'
import type { FileStoreCase } from './case.ts'
import { bytesOf, partsOf, put, read, tagOf, putWith } from './tools.ts'

/** What is stored is read, and nothing else. */
export const contentCases: readonly FileStoreCase[] = [
  {
    title: 'bytes are read as they were stored, with their size, type and SHA-256',
    async run(given) {
      for (const size of [0, 1, 65_536, 200_001]) {
        const content = bytesOf(`size ${size}`, size)
        const contentType = 'text/plain; charset=utf-8'
        const stored = await putWith(given, `plain/${size}`, { content, contentType })
        const key = `${given.folder}/plain/${size}`
        const { storedAtMs, ...said } = stored
        assert.deepEqual(said, { key, sizeBytes: size, contentType, etag: tagOf(content) })
        const found = await given.store.head(given.lifetime, key)
        assert.deepEqual({ ...found, storedAtMs }, stored)
        assert.ok(Math.abs(found.storedAtMs - storedAtMs) <= 5_000, 'stored at another time')
        assert.ok((await read(given, `plain/${size}`)).equals(content), `${size} bytes`)
      }
    },
  },
  {
    title: 'a content that comes in parts is one file',
    async run(given) {
      const content = bytesOf('parts', 150_000)
      const info = await put(given, 'parts', partsOf(content, 7_001))
      assert.equal(info.etag, tagOf(content))
      assert.ok((await read(given, 'parts')).equals(content))
    },
  },
  {
    title: 'a range is read alone, and ends with the file',
    async run(given) {
      const content = bytesOf('range', 100_000)
      await put(given, 'range', content)
      const ranges = [
        [0, 0],
        [5, 5],
        [1, 99_999],
        [70_000, 80_000],
        [99_990, 1_000_000],
      ] as const
      for (const [first, last] of ranges) {
        const got = await read(given, 'range', { first, last })
        assert.ok(got.equals(content.subarray(first, last + 1)), `${first} to ${last}`)
      }
      const rest = await read(given, 'range', { first: 99_000 })
      assert.ok(rest.equals(content.subarray(99_000)), 'to the end')
      await assert.rejects(read(given, 'range', { first: 100_000 }), filesRangeInvalid.is)
    },
  },
  {
    title: 'a file that is not there is told, and to delete it is no error',
    async run(given) {
      const key = `${given.folder}/nothing/here`
      const { store, lifetime } = given
      await assert.rejects(store.get(lifetime, { key }), filesNotFound.is)
      await assert.rejects(store.get(lifetime, { key, range: { first: 0 } }), filesNotFound.is)
      await assert.rejects(store.head(lifetime, key), filesNotFound.is)
      await store.delete(lifetime, key)
      await put(given, 'nothing/here', 'now')
      await store.delete(lifetime, key)
      await assert.rejects(store.head(lifetime, key), filesNotFound.is)
      await put(given, 'nothing/here', 'again')
      assert.equal((await read(given, 'nothing/here')).toString(), 'again')
    },
  },
  {
    title: 'a byte that changed on the disk is told at the end of a whole read',
    async run(given) {
      await put(given, 'damaged', bytesOf('damaged', 1_000))
      await given.damage(`${given.folder}/damaged`)
      await assert.rejects(read(given, 'damaged'), filesCorrupt.is)
    },
  },
  {
    title: 'an opened file need not be read, and may be disposed of twice',
    async run(given) {
      await put(given, 'unread', bytesOf('unread', 300_000))
      const request = { key: `${given.folder}/unread` }
      for (let round = 0; round < 5; round++) {
        const file = await given.store.get(given.lifetime, request)
        await file[Symbol.asyncDispose]()
        await file[Symbol.asyncDispose]()
      }
      const file = await given.store.get(given.lifetime, request)
      for await (const part of file.content) {
        assert.ok(part.length > 0)
        break
      }
      await file[Symbol.asyncDispose]()
    },
  },
]
