import { createHash } from 'node:crypto'
import { chown, lstat, mkdir, readdir, realpath, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { postgresEmbeddedFolderForeign, postgresEmbeddedSocketFolderUnsafe } from './errors.ts'
import type { Account } from './account.ts'

/** Where everything of one embedded server lives. All but the socket is below `folder`, so two
 *  folders share nothing: not a port, not a lock, not a socket. */
export interface Layout {
  readonly folder: string
  /** PostgreSQL's own data folder. */
  readonly data: string
  readonly lock: string
  readonly log: string
  readonly socket: string
}

/** The shortest `sun_path` of the supported systems (macOS) holds 104 bytes with its final NUL. */
const socketPathBytesMax = 103
const socketFile = '.s.PGSQL.5432'

/** Makes the folder if needed and resolves it, so that two spellings of one folder are one. */
export async function openLayout(folder: string): Promise<Layout> {
  // Only the folder itself is private: the account that runs the server passes through the others.
  await mkdir(dirname(resolve(folder)), { recursive: true })
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const resolved = await realpath(folder)
  if ((await readdir(resolved)).includes('PG_VERSION')) {
    const cause = 'it is itself a PostgreSQL data folder'
    throw postgresEmbeddedFolderForeign({ folder: resolved, cause })
  }
  return {
    folder: resolved,
    data: join(resolved, 'data'),
    lock: join(resolved, 'lock'),
    log: join(resolved, 'postgres.log'),
    socket: chooseSocketFolder(resolved),
  }
}

/** Beside the data when the path fits, else a short path that only this folder and user hash to. */
export function chooseSocketFolder(folder: string, temporary: string = tmpdir()): string {
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  const short = `banyan-${process.getuid?.() ?? 0}-${hash}`
  const candidates = [join(folder, 'socket'), join(temporary, short)]
  const fits = (path: string): boolean =>
    Buffer.byteLength(join(path, socketFile)) <= socketPathBytesMax
  return candidates.find(fits) ?? join('/tmp', short)
}

/** Makes the socket folder, entered by its owner alone. That privacy is the authentication: who can
 *  open the socket is the owner (or root), who could read the data files anyway. */
export async function openSocketFolder(path: string, account: Account | undefined): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await lstat(path)
  const owners = [process.getuid?.(), account?.uid]
  // In a shared temporary folder another user may have made it first, to listen in our place.
  if (!found.isDirectory() || !owners.includes(found.uid)) {
    const cause = `it belongs to user ${found.uid} or is no folder`
    throw postgresEmbeddedSocketFolderUnsafe({ folder: path, cause })
  }
  if ((found.mode & 0o077) !== 0) {
    const cause = `its mode is ${(found.mode & 0o777).toString(8)}, expected 700`
    throw postgresEmbeddedSocketFolderUnsafe({ folder: path, cause })
  }
  if (account !== undefined) await chown(path, account.uid, account.gid)
}

/** Removes the socket folder when it is empty; a remaining one does no harm. */
export async function closeSocketFolder(path: string): Promise<void> {
  await rmdir(path).catch(() => undefined)
}
