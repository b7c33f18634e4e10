import { type FileHandle, link, open, rename, stat, unlink } from 'node:fs/promises'
import path from 'node:path'
import { BanyanError, type World } from '../kernel/index.ts'
import type { FileEntry, FileInfo, FilePage, StoredFile } from '../module/index.ts'
import { boundedParts } from './bounded-content.ts'
import { type Draft, Drafts } from './drafts.ts'
import { filesExists, filesNotFound, filesOutcomeUnknown, filesUnavailable } from './errors.ts'
import { makeFolder, removeEmpty, syncFolder } from './folder.ts'
import { assertKey, assertPrefix } from './key.ts'
import { pathOfKey } from './key-path.ts'
import { walkKeys } from './key-walk.ts'
import { readPageBound, readPutBound } from './limits.ts'
import type {
  FileGetRequest,
  FileLifetime,
  FileListRequest,
  FilePutRequest,
  FileStore,
} from './port.ts'
import { assertRange, spanOf } from './range.ts'
import { storedFileOf } from './received-content.ts'
import { parseTrailer, trailerBytes } from './trailer.ts'

export interface LocalFileStoreOptions {
  /** Made at the first put, private to this user. Its form belongs to this store. */
  readonly folder: string
  readonly world: Pick<World, 'clock' | 'random'>
}

/** Keeps files in a local folder, which processes of one machine may share. A file is written and
 *  synced under another name, and gets its own by a rename, after which its folder is synced. Pure:
 *  nothing is read or written until the first operation.
 *  Cost: a put syncs twice; a list reads the folders of its prefix. */
export function createLocalFileStore(options: LocalFileStoreOptions): FileStore {
  return new LocalFileStore(options)
}

const partBytes = 64 * 1024
/** Deletes remove folders that others are about to use; each round lost means that somebody else was done. */
const placingsMax = 16

class LocalFileStore implements FileStore {
  readonly label: string
  readonly #root: string
  readonly #drafts: Drafts

  constructor({ folder, world }: LocalFileStoreOptions) {
    const resolved = path.resolve(folder)
    this.label = `the local folder ${path.relative(process.cwd(), resolved) || resolved}`
    this.#root = path.join(resolved, 'keys')
    this.#drafts = new Drafts(path.join(resolved, 'drafts'), world)
  }

  async put({ signal }: FileLifetime, request: FilePutRequest): Promise<FileInfo> {
    const { key, content, contentType, ifAbsent = false } = request
    assertKey(key)
    const sizeBytesMax = readPutBound(request)
    signal.throwIfAborted()
    const parts = boundedParts({ key, content, sizeBytesMax, signal })
    const draft = await guard('put', key, () => this.#drafts.write(contentType, parts))
    try {
      await guard('put', key, () => this.#place(draft, key, ifAbsent))
    } finally {
      await this.#drafts.discard(draft)
    }
    const { sizeBytes, etag, storedAtMs } = draft
    return { key, sizeBytes, contentType, etag, storedAtMs }
  }

  async get({ signal }: FileLifetime, request: FileGetRequest): Promise<StoredFile> {
    const { key, range } = request
    assertKey(key)
    assertRange(range)
    signal.throwIfAborted()
    const handle = await guard('get', key, () => open(pathOfKey(this.#root, key), 'r'))
    let closed: Promise<void> | undefined
    const close = (): Promise<void> => (closed ??= handle.close())
    try {
      const info = await guard('get', key, () => readInfo(handle, key))
      const { first, count, isWhole } = spanOf(info, range)
      const parts = readParts(handle, { key, signal, first, count })
      return storedFileOf({ info, parts, sizeBytes: count, isWhole, close })
    } catch (error) {
      await close()
      throw error
    }
  }

  async head(lifetime: FileLifetime, key: string): Promise<FileInfo> {
    await using file = await this.get(lifetime, { key })
    return file.info
  }

  async delete({ signal }: FileLifetime, key: string): Promise<void> {
    assertKey(key)
    signal.throwIfAborted()
    const file = pathOfKey(this.#root, key)
    const folder = path.dirname(file)
    try {
      await guard('delete', key, () => unlink(file))
    } catch (error) {
      if (filesNotFound.is(error)) return
      throw error
    }
    await known('delete', key, () => syncFolder(folder))
    await removeEmpty(folder, this.#root)
  }

  async list({ signal }: FileLifetime, request: FileListRequest): Promise<FilePage> {
    const { prefix, after = '' } = request
    assertPrefix(prefix)
    if (after !== '') assertKey(after)
    const countMax = readPageBound(request)
    signal.throwIfAborted()
    const files: FileEntry[] = []
    return guard('list', prefix, async () => {
      for await (const key of walkKeys(this.#root, { prefix, after })) {
        signal.throwIfAborted()
        if (files.length === countMax) return { files, nextAfter: files.at(-1)?.key }
        const found = await stat(pathOfKey(this.#root, key)).catch(gone)
        if (found === undefined) continue
        const sizeBytes = Math.max(0, found.size - trailerBytes)
        files.push({ key, sizeBytes, storedAtMs: Math.floor(found.mtimeMs) })
      }
      return { files, nextAfter: undefined }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Gives a draft its key. A link refuses what is there, a rename replaces it: each at once. */
  async #place(draft: Draft, key: string, ifAbsent: boolean): Promise<void> {
    const file = pathOfKey(this.#root, key)
    const folder = path.dirname(file)
    for (let round = 1; ; round++) {
      try {
        await makeFolder(folder)
        await (ifAbsent ? link(draft.path, file) : rename(draft.path, file))
        break
      } catch (error) {
        if (codeOf(error) === 'EEXIST') throw filesExists({ key })
        if (codeOf(error) !== 'ENOENT' || round === placingsMax) throw error
      }
    }
    await known('put', key, () => syncFolder(folder))
  }
}

async function readInfo(handle: FileHandle, key: string): Promise<FileInfo> {
  const { size, mtimeMs } = await handle.stat()
  const start = Math.max(0, size - trailerBytes)
  const encoded = Buffer.alloc(size - start)
  await handle.read(encoded, 0, encoded.length, start)
  const { sizeBytes, contentType, etag } = parseTrailer(encoded, size, key)
  return { key, sizeBytes, contentType, etag, storedAtMs: Math.floor(mtimeMs) }
}

async function* readParts(
  handle: FileHandle,
  wanted: {
    readonly key: string
    readonly signal: AbortSignal
    readonly first: number
    readonly count: number
  },
): AsyncGenerator<Uint8Array> {
  const { key, signal, first, count } = wanted
  for (let done = 0; done < count; ) {
    signal.throwIfAborted()
    const part = Buffer.allocUnsafe(Math.min(partBytes, count - done))
    const read = (): ReturnType<FileHandle['read']> =>
      handle.read(part, 0, part.length, first + done)
    const { bytesRead } = await guard('get', key, read)
    if (bytesRead === 0) return
    done += bytesRead
    yield part.subarray(0, bytesRead)
  }
}

/** Operations for which a missing name means a missing file. */
const missing: readonly string[] = ['get', 'delete']

/** Gives errors of the file system a code, before anything has changed. */
async function guard<Result>(
  operation: string,
  key: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const code = codeOf(error)
    if (code === '') throw error
    if (code === 'ENOENT' && missing.includes(operation)) throw filesNotFound({ key })
    throw filesUnavailable({ operation, key, cause: code }, { cause: error })
  }
}

/** The same, after something has changed that the disk may not have seen. */
async function known(operation: string, key: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    // the folder is gone with all that was in it, or another delete has emptied it
    if (codeOf(error) === 'ENOENT') return
    throw filesOutcomeUnknown({ operation, key, cause: codeOf(error) }, { cause: error })
  }
}

/** The code of an error that a system call ended with; empty for any other. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error) || error instanceof BanyanError) return ''
  const { code, syscall } = error as NodeJS.ErrnoException
  return code !== undefined && syscall !== undefined ? code : ''
}

function gone(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}
