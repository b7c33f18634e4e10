import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { type TestFolder, testFolder } from './fixture.ts'
import { FolderLock } from './folder-lock.ts'
import { postgresEmbeddedFolderInUse } from './index.ts'
import { tryIdentify } from './process-identity.ts'

async function leaveLock(folder: TestFolder, content: string): Promise<string> {
  const lock = join(folder.parent, 'lock')
  await mkdir(lock)
  await writeFile(join(lock, 'holder-old'), content)
  return lock
}

describe('the lock of a folder', () => {
  test('is held by one, and free for the next after its release', async () => {
    await using folder = await testFolder()
    const path = join(folder.parent, 'lock')
    const held = await FolderLock.acquire(path)
    await assert.rejects(FolderLock.acquire(path), postgresEmbeddedFolderInUse.is)
    await held.release()
    await held.release()
    assert.deepEqual(await readdir(folder.parent), [])
    await (await FolderLock.acquire(path)).release()
  })

  test('is taken over from a process that has ended', async () => {
    await using folder = await testFolder()
    // Above the largest process id of Linux (2^22) and macOS.
    const lock = await leaveLock(folder, JSON.stringify({ pid: 5_000_000, started: '' }))
    await (await FolderLock.acquire(lock)).release()
  })

  test('is taken over when the process id now belongs to a later process', async () => {
    await using folder = await testFolder()
    const lock = await leaveLock(folder, JSON.stringify({ pid: process.pid, started: 'before' }))
    await (await FolderLock.acquire(lock)).release()
  })

  test('is not taken over from the very process', async () => {
    await using folder = await testFolder()
    const lock = await leaveLock(folder, JSON.stringify(await tryIdentify(process.pid)))
    await assert.rejects(FolderLock.acquire(lock), postgresEmbeddedFolderInUse.is)
  })

  for (const content of ['', '{', '[]', '{"pid":"7"}']) {
    test(`is taken over when a crash of the machine left ${JSON.stringify(content)}`, async () => {
      await using folder = await testFolder()
      const lock = await leaveLock(folder, content)
      await (await FolderLock.acquire(lock)).release()
    })
  }

  test('when stale, is taken over by exactly one of many, and their drafts are gone', async () => {
    for (let round = 0; round < 10; round++) {
      await using folder = await testFolder()
      const lock = await leaveLock(folder, JSON.stringify({ pid: 5_000_000, started: '' }))
      const attempts = Array.from({ length: 12 }, () => FolderLock.acquire(lock))
      const results = await Promise.allSettled(attempts)
      const won = results.filter((result) => result.status === 'fulfilled')
      assert.equal(won.length, 1)
      for (const result of results) {
        if (result.status === 'rejected') assert.ok(postgresEmbeddedFolderInUse.is(result.reason))
      }
      const holder = won[0]?.value.holderFile ?? ''
      assert.deepEqual(await readdir(lock), [holder.slice(dirname(holder).length + 1)])
      assert.deepEqual(await readdir(folder.parent), ['lock'])
    }
  })
})
