import assert from 'node:assert/strict'
import { filesExists, filesNotFound } from '../../files/index.ts'
import type { FileStoreCase } from './case.ts'
import { bytesOf, put, read, putWith } from './tools.ts'

/** Writers and readers meet. */
export const replaceCases: readonly FileStoreCase[] = [
  {
    title: 'a file takes the place of another, type included',
    async run(given) {
      await putWith(given, 'replaced', {
        content: bytesOf('old', 90_000),
        contentType: 'image/png',
      })
      await putWith(given, 'replaced', { content: Buffer.from('new'), contentType: 'image/webp' })
      const info = await given.store.head(given.lifetime, `${given.folder}/replaced`)
      assert.deepEqual([info.sizeBytes, info.contentType], [3, 'image/webp'])
      assert.equal((await read(given, 'replaced')).toString(), 'new')
    },
  },
  {
    title: 'with ifAbsent one of several at once succeeds, and its file stays',
    async run(given) {
      const names = ['1', '2', '3', '4', '5', '6']
      const results = await Promise.allSettled(
        names.map((name) =>
          putWith(given, 'only', { content: Buffer.from(name.repeat(5_000)), ifAbsent: true }),
        ),
      )
      const winners = names.filter((_, index) => results[index]?.status === 'fulfilled')
      assert.equal(winners.length, 1, `${winners.length} were first`)
      for (const result of results) {
        if (result.status === 'rejected') assert.ok(filesExists.is(result.reason), result.reason)
      }
      assert.equal((await read(given, 'only')).toString(), winners[0]?.repeat(5_000))
      await assert.rejects(
        putWith(given, 'only', { content: Buffer.from('late'), ifAbsent: true }),
        filesExists.is,
      )
      await given.store.delete(given.lifetime, `${given.folder}/only`)
      await putWith(given, 'only', { content: Buffer.from('free again'), ifAbsent: true })
    },
  },
  {
    title: 'a reader beside writers sees one of the files whole, never a mixture or nothing',
    async run(given) {
      const versions = ['one', 'two', 'three'].map((name) => bytesOf(name, 120_000))
      await put(given, 'busy', versions[0] ?? '')
      let isWriting = true
      const writing = (async () => {
        for (let round = 0; round < 12; round++) {
          await put(given, 'busy', versions[round % versions.length] ?? '')
        }
        isWriting = false
      })()
      while (isWriting) {
        const seen = await read(given, 'busy')
        assert.ok(
          versions.some((version) => version.equals(seen)),
          `${seen.length} bytes that nobody stored`,
        )
      }
      await writing
    },
  },
  {
    title: 'files that come and go in one folder do not disturb each other',
    async run(given) {
      const names = ['a', 'b', 'c', 'd']
      await Promise.all(
        names.map(async (name) => {
          for (let round = 0; round < 6; round++) {
            await put(given, `shared/deep/${name}`, `${name} ${round}`)
            const seen = await read(given, `shared/deep/${name}`)
            assert.equal(seen.toString(), `${name} ${round}`)
            await given.store.delete(given.lifetime, `${given.folder}/shared/deep/${name}`)
          }
        }),
      )
      await assert.rejects(read(given, 'shared/deep/a'), filesNotFound.is)
      await put(given, 'shared/deep/stays', 'stays')
      await put(given, 'shared/deep/goes', 'goes')
      await given.store.delete(given.lifetime, `${given.folder}/shared/deep/goes`)
      assert.equal((await read(given, 'shared/deep/stays')).toString(), 'stays')
    },
  },
]
