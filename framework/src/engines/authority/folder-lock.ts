import path from 'node:path'
import { type Clock, sleep } from '../../kernel/index.ts'
import { FolderLock } from '../../process/index.ts'
import { authorityFolderBusy, authorityFolderUnusable } from './errors.ts'

const waitMs = 10_000
const pauseMs = 25

/** Runs `work` while no other process, and nobody else in this one, changes the folder.
 *  @throws AUTHORITY_FOLDER_BUSY after 10 s */
export async function withFolderLock<Result>(
  folder: string,
  clock: Clock,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = await acquire(folder, clock)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

async function acquire(folder: string, clock: Clock): Promise<FolderLock> {
  const endMs = clock.monotonicMs() + waitMs
  for (;;) {
    try {
      return await FolderLock.acquire(path.join(folder, 'lock'), {
        inUse: (pid) => authorityFolderBusy({ folder, pid }),
        unusable: (cause) => authorityFolderUnusable({ folder, cause }),
      })
    } catch (error) {
      if (!authorityFolderBusy.is(error) || clock.monotonicMs() >= endMs) throw error
    }
    await sleep(clock, pauseMs)
  }
}
