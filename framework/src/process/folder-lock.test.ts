import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { FolderLock, type LockRefusals } from './folder-lock.ts'
import { tryIdentify } from './process-identity.ts'

class InUse extends Error {}

const refusals: LockRefusals = {
  inUse: (pid) => new InUse(String(pid)),
  unusable: (cause) => new Error(cause),
}

interface TestFolder extends AsyncDisposable {
  readonly parent: string
}

async function testFolder(): Promise<TestFolder> {
  const parent = await mkdtemp(join(tmpdir(), 'banyan-lock-'))
  return { parent, [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }) }
}

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
    const held = await FolderLock.acquire(path, refusals)
    await assert.rejects(FolderLock.acquire(path, refusals), InUse)
    await held.release()
    await held.release()
    assert.deepEqual(await readdir(folder.parent), [])
    await (await FolderLock.acquire(path, refusals)).release()
  })

  test('is taken over from a process that has ended', async () => {
    await using folder = await testFolder()
    // Above the largest process id of Linux (2^22) and macOS.
    const lock = await leaveLock(folder, JSON.stringify({ pid: 5_000_000, started: '' }))
    await (await FolderLock.acquire(lock, refusals)).release()
  })

  test('is taken over when the process id now belongs to a later process', async () => {
    await using folder = await testFolder()
    const lock = await leaveLock(folder, JSON.stringify({ pid: process.pid, started: 'before' }))
    await (await FolderLock.acquire(lock, refusals)).release()
  })

  test('is not taken over from the very process', async () => {
    await using folder = await testFolder()
    const lock = await leaveLock(folder, JSON.stringify(await tryIdentify(process.pid)))
    await assert.rejects(FolderLock.acquire(lock, refusals), InUse)
  })

  for (const content of ['', '{', '[]', '{"pid":"7"}']) {
    test(`is taken over when a crash of the machine left ${JSON.stringify(content)}`, async () => {
      await using folder = await testFolder()
      const lock = await leaveLock(folder, content)
      await (await FolderLock.acquire(lock, refusals)).release()
    })
  }

  test('when stale, is taken over by exactly one of many, and their drafts are gone', async () => {
    for (let round = 0; round < 10; round++) {
      await using folder = await testFolder()
      const lock = await leaveLock(folder, JSON.stringify({ pid: 5_000_000, started: '' }))
      const attempts = Array.from({ length: 12 }, () => FolderLock.acquire(lock, refusals))
      const results = await Promise.allSettled(attempts)
      const won = results.filter((result) => result.status === 'fulfilled')
      assert.equal(won.length, 1)
      for (const result of results) {
        if (result.status === 'rejected') assert.ok(result.reason instanceof InUse)
      }
      const holder = won[0]?.value.holderFile ?? ''
      assert.deepEqual(await readdir(lock), [holder.slice(dirname(holder).length + 1)])
      assert.deepEqual(await readdir(folder.parent), ['lock'])
    }
  })
})
