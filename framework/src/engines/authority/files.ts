import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Random } from '../../kernel/index.ts'
import { authorityFolderUnusable } from './errors.ts'

const draftSuffix = '.draft'
const privateFolder = 0o700
const privateFile = 0o600
const openToOthers = 0o077

/** The folder of one authority: each file is read whole, and replaced whole or not at all. */
export class CertificateFolder {
  /** Absolute. */
  readonly path: string
  readonly #random: Random

  private constructor(folder: string, random: Random) {
    this.path = folder
    this.#random = random
  }

  /** Makes the folder where there is none, and private where it is not.
   *  @throws AUTHORITY_FOLDER_UNUSABLE */
  static async open(folder: string, random: Random): Promise<CertificateFolder> {
    const resolved = path.resolve(folder)
    const opened = new CertificateFolder(resolved, random)
    await opened.guard(async () => {
      await mkdir(resolved, { recursive: true, mode: privateFolder })
      const { mode } = await stat(resolved)
      if (isOpen(mode)) await chmod(resolved, privateFolder)
    })
    return opened
  }

  file(name: string): string {
    return path.join(this.path, name)
  }

  /** The text of a file; undefined where there is none. */
  tryRead(name: string): Promise<string | undefined> {
    return this.guard(() => readFile(this.file(name), 'utf8').catch(absent))
  }

  /** The mode of a file that others than its owner can read, as three octal digits. */
  async tryFindExposure(name: string): Promise<string | undefined> {
    const found = await this.guard(() => stat(this.file(name)).catch(absent))
    if (found === undefined || !isOpen(found.mode)) return undefined
    return (found.mode & 0o777).toString(8)
  }

  /** Puts texts in the place of files, each at once: readers see the old or the new one. All are on
   *  the disk before the first gets its name, so that they change together within a moment, in the
   *  order in which they are given. */
  write(texts: Readonly<Record<string, string>>): Promise<void> {
    const drafts = Object.entries(texts).map(([name, text]) => {
      const random = this.#random.bytes(6).toString('hex')
      return { draft: this.file(`.${name}-${random}${draftSuffix}`), file: this.file(name), text }
    })
    return this.guard(async () => {
      try {
        await Promise.all(drafts.map(({ draft, text }) => writeDurably(draft, text)))
        for (const { draft, file } of drafts) await rename(draft, file)
      } catch (error) {
        await Promise.all(drafts.map(({ draft }) => rm(draft, { force: true })))
        throw error
      }
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.guard(() => rename(this.file(from), this.file(to)))
  }

  remove(name: string): Promise<void> {
    return this.guard(() => rm(this.file(name), { force: true }))
  }

  /** Removes what a killed process had not finished. Requires: the lock. */
  async removeDrafts(): Promise<void> {
    const names = await this.guard(() => readdir(this.path))
    const drafts = names.filter((name) => name.startsWith('.') && name.endsWith(draftSuffix))
    await Promise.all(drafts.map((name) => this.remove(name)))
  }

  /** Gives errors of the file system a code. */
  guard<Result>(work: () => Promise<Result>): Promise<Result> {
    return guard(this.path, work)
  }
}

/** The services that have a certificate in a folder, sorted; none where there is no folder.
 *  @throws AUTHORITY_FOLDER_UNUSABLE */
export async function listCertified(folder: string): Promise<readonly string[]> {
  const names = await guard(folder, async () => (await readdir(folder).catch(absent)) ?? [])
  return names
    .filter((name) => /^[a-z][a-z0-9-]*\.crt$/.test(name) && name !== authorityFiles.certificates)
    .map((name) => name.slice(0, -'.crt'.length))
    .sort()
}

/** The authority's own files. A service cannot be called so. */
export const authorityFiles = {
  certificates: 'authority.crt',
  key: 'authority.key',
  nextKey: 'authority.next.key',
} as const

async function guard<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error
    throw authorityFolderUnusable({ folder, cause: error.message }, { cause: error })
  }
}

function isOpen(mode: number): boolean {
  // Windows has no such bits, and reports some.
  return process.platform !== 'win32' && (mode & openToOthers) !== 0
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', privateFile)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
