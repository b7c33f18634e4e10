import { chown, mkdtemp, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { runCommand } from './command.ts'
import {
  postgresEmbeddedFolderForeign,
  postgresEmbeddedInitFailed,
  postgresEmbeddedVersionMismatch,
} from './errors.ts'
import type { Launcher } from './account.ts'
import type { Layout } from './layout.ts'
import type { Durability } from './settings.ts'
import type { Startup } from './startup.ts'

export const userName = 'banyan'
export const databaseName = 'banyan'

const draftPrefix = 'data-draft-'

/** Everything that making and checking a cluster needs. */
export interface ClusterOptions {
  readonly layout: Layout
  readonly binaries: Binaries
  readonly launcher: Launcher
  /** Of the installed server, for example "18.4". */
  readonly version: string
  readonly durability: Durability
  /** Undefined on a private socket, where no password is asked. */
  readonly passwordFile: string | undefined
  readonly startup: Startup
}

/** Whether a cluster is there. Nothing is changed but an empty folder removed.
 *  @throws POSTGRES_EMBEDDED_FOLDER_FOREIGN when something else is there. */
export async function findCluster(layout: Layout): Promise<boolean> {
  const inner = await readdir(layout.data).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    if (error.code === 'ENOTDIR') return ['a file in its place']
    throw error
  })
  if (inner === undefined) return false
  if (inner.includes('PG_VERSION')) return true
  if (inner.length > 0) {
    const cause = `no PG_VERSION, but ${inner.slice(0, 5).join(', ')}`
    throw postgresEmbeddedFolderForeign({ folder: layout.data, cause })
  }
  await rmdir(layout.data)
  return false
}

/** Makes the cluster unless it is there and of the right version. A new one is built under another
 *  name and renamed when complete, so a half-written one is never taken for good.
 *  Requires: the folder's lock is held. */
export async function ensureCluster(options: ClusterOptions): Promise<void> {
  await removeDrafts(options.layout)
  if (await findCluster(options.layout)) return assertVersion(options)
  options.startup.step('creating the database cluster')
  const draft = await mkdtemp(join(options.layout.folder, draftPrefix))
  try {
    const { owner } = options.launcher
    if (owner !== undefined) await chown(draft, owner.uid, owner.gid)
    await initialise(draft, options)
    await rename(draft, options.layout.data)
    if (options.durability === 'full') await syncFolder(options.layout.folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

/** Only folders with our own draft name; an initdb that outlived its starter may still write one. */
async function removeDrafts(layout: Layout): Promise<void> {
  for (const name of await readdir(layout.folder)) {
    if (!name.startsWith(draftPrefix)) continue
    await rm(join(layout.folder, name), { recursive: true, force: true, maxRetries: 5 })
  }
}

async function assertVersion({ layout, version }: ClusterOptions): Promise<void> {
  const found = (await readFile(join(layout.data, 'PG_VERSION'), 'utf8')).trim()
  const expected = version.split('.')[0] ?? version
  if (found === expected) return
  throw postgresEmbeddedVersionMismatch({ folder: layout.data, found, expected })
}

/** Syncing waits until all is written: once instead of during each step, and not for tests. */
async function initialise(data: string, options: ClusterOptions): Promise<void> {
  const { binaries } = options
  // The built-in C.UTF-8 sorts by code point on every system and never changes with an update of
  // the operating system, which would corrupt indexes.
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  const { passwordFile } = options
  const access =
    passwordFile === undefined
      ? ['--auth=trust']
      : ['--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  const rest = ['--username', userName, '--no-instructions', '--no-sync', '-E', 'UTF8']
  await run([binaries.initdb, '-D', data, ...rest, ...locale, ...access], options)
  // Single-user mode makes the database before the cluster is in place: no cluster is without it.
  const single = [binaries.postgres, '--single', '-D', data, '-c', 'fsync=off', 'template1']
  await run(single, options, `create database ${databaseName} owner ${userName}\n`)
  if (options.durability === 'full') {
    await run([binaries.initdb, '-D', data, '--sync-only'], options)
  }
}

async function run(
  command: readonly string[],
  { launcher, layout, startup }: ClusterOptions,
  input = '',
): Promise<void> {
  const options = { clock: startup.clock, timeoutMs: startup.remainingMs, input }
  const result = await runCommand(launcher, command, options)
  startup.assertInTime(result.output)
  // Single-user mode reports a failed statement but exits with 0.
  if (result.code === 0 && !result.output.includes('ERROR:')) return
  throw postgresEmbeddedInitFailed({ folder: layout.folder, output: result.output })
}

async function syncFolder(folder: string): Promise<void> {
  // Windows has no such thing as syncing a folder.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
