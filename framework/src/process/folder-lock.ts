import { chown, mkdtemp, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isRunning, type ProcessIdentity, tryIdentify } from './process-identity.ts'

const attemptsMax = 100

/** What the owner of the folder says when its lock is refused. */
export interface LockRefusals {
  /** A process that runs holds it. */
  readonly inUse: (pid: number) => Error
  /** It cannot be had for another reason. */
  readonly unusable: (cause: string) => Error
}

/** The right of one process to a folder.
 *
 *  The lock is a folder that holds one file, named uniquely by its holder. It is taken by renaming a
 *  prepared folder onto it, which succeeds only if it is absent or empty. A dead holder's file is
 *  unlinked by its unique name. So two processes that take over the same stale lock can neither
 *  both win nor remove each other's: the plain "delete the stale file, create mine" can.
 *  Limits: one machine (one process-id namespace); a network folder shared by two is not guarded. */
export class FolderLock {
  /** The file whose presence is the lock; whoever ends a dead holder's work may remove it. */
  readonly holderFile: string

  private constructor(holderFile: string) {
    this.holderFile = holderFile
  }

  /** Takes the lock at path `lock`, a folder beside what it guards.
   *  @throws `refusals.inUse` while the holder runs · `refusals.unusable`
   *  Concurrency: exactly one of several processes wins, also over a dead holder. */
  static async acquire(lock: string, refusals: LockRefusals): Promise<FolderLock> {
    const self = (await tryIdentify(process.pid)) ?? { pid: process.pid, started: '' }
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const name = await tryInstall(lock, self)
      if (name !== undefined) {
        await removeAbandonedDrafts(lock)
        return new FolderLock(join(lock, name))
      }
      await removeDeadHolder(lock, refusals)
    }
    throw refusals.unusable(`the lock "${lock}" changed hands ${attemptsMax} times`)
  }

  /** Lets a process of that account remove the lock when we cannot. */
  async giveTo(account: { readonly uid: number; readonly gid: number }): Promise<void> {
    await chown(dirname(this.holderFile), account.uid, account.gid)
  }

  /** Idempotent. */
  async release(): Promise<void> {
    await rm(this.holderFile, { force: true })
    await rmdir(dirname(this.holderFile)).catch(() => undefined)
  }
}

async function tryInstall(lock: string, self: ProcessIdentity): Promise<string | undefined> {
  const draft = await mkdtemp(`${lock}.`)
  const name = `holder-${basename(draft).slice(basename(lock).length + 1)}`
  try {
    await writeFile(join(draft, name), JSON.stringify(self))
    // Windows renames onto no folder, not even an empty one; a lock that is held is never empty.
    await rmdir(lock).catch(() => undefined)
    await rename(draft, lock)
    // A holder that was just leaving may have emptied the draft as abandoned before it got its name.
    return (await list(lock)).includes(name) ? name : undefined
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (isOccupied(error)) return undefined
    throw error
  }
}

function isOccupied(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // ENOENT: another process that took the lock removed our draft as abandoned.
  const codes = [
    'ENOTEMPTY',
    'EEXIST',
    'ENOENT',
    ...(process.platform === 'win32' ? ['EPERM'] : []),
  ]
  return typeof code === 'string' && codes.includes(code)
}

async function removeDeadHolder(lock: string, refusals: LockRefusals): Promise<void> {
  for (const name of await list(lock)) {
    const holder = await tryReadHolder(join(lock, name))
    if (holder === 'released') continue
    if (holder !== undefined && (await isRunning(holder))) {
      throw refusals.inUse(holder.pid)
    }
    await rm(join(lock, name), { force: true })
  }
}

/** Undefined when it is unreadable: it was complete before it got its name, so only a crash of the
 *  machine leaves it so, and then its holder is gone. */
async function tryReadHolder(path: string): Promise<ProcessIdentity | 'released' | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return 'released' as const
    throw error
  })
  if (text === 'released') return text
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    if (!('pid' in value) || !Number.isInteger(value.pid) || typeof value.pid !== 'number') {
      return undefined
    }
    const started = 'started' in value && typeof value.started === 'string' ? value.started : ''
    return { pid: value.pid, started }
  } catch {
    return undefined
  }
}

/** Drafts of processes that died between preparing and renaming. One that is still wanted is made
 *  again by its owner, who then finds the lock taken. */
async function removeAbandonedDrafts(lock: string): Promise<void> {
  for (const name of await list(dirname(lock))) {
    if (!name.startsWith(`${basename(lock)}.`)) continue
    await rm(join(dirname(lock), name), { recursive: true, force: true }).catch(() => undefined)
  }
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
