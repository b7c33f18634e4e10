import { type FSWatcher, watch } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Clock, Timer } from '../kernel/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { MemoryDirectory } from './directory.ts'
import { type DirectoryContent, parseDirectory } from './directory-content.ts'
import { remoteDirectoryCorrupt } from './errors.ts'
import type { Directory } from './port.ts'

/** A directory that follows a file until it is disposed. */
export interface WatchedDirectory extends Directory, AsyncDisposable {}

export interface DirectoryFileOptions {
  /** Replaced by renaming: `{"format":1,"generation":<number>,"instances":[InstanceAddress…]}`. */
  readonly file: string
  readonly clock: Clock
  readonly telemetry: Pick<Telemetry, 'logs'>
}

/** The file is looked at this often, besides what the file system reports by itself. */
const pollMs = 500

/** A larger file is corrupt. */
const fileBytesMax = 4 * 1024 * 1024

/** Follows the directory that the supervisor writes.
 *  A file that is missing or half written changes nothing; nor does one of an older generation. One
 *  that stays unreadable is logged as REMOTE_DIRECTORY_CORRUPT, once, and the last good one stays.
 *  A change is seen when the file system reports it, at the latest after 500 ms.
 *  Limits: 4 MiB, 4,096 instances. */
export async function watchDirectoryFile(options: DirectoryFileOptions): Promise<WatchedDirectory> {
  const directory = new FileDirectory(options)
  await directory.look()
  return directory
}

class FileDirectory extends MemoryDirectory implements WatchedDirectory {
  readonly #options: DirectoryFileOptions
  readonly #watcher: FSWatcher | undefined
  #generation = Number.NEGATIVE_INFINITY
  #text = ''
  /** The text that could not be read at the last look; a second look at the same one tells. */
  #suspect: string | undefined
  #timer: Timer | undefined
  #reading: Promise<void> | undefined
  #isAskedAgain = false
  #isClosed = false

  constructor(options: DirectoryFileOptions) {
    super([])
    this.#options = options
    this.#watcher = tryWatch(options.file, () => void this.look())
    this.#schedule()
  }

  /** Reads the file; one reading at a time, and one more for whoever asks meanwhile. */
  look(): Promise<void> {
    if (this.#reading !== undefined) {
      this.#isAskedAgain = true
      return this.#reading
    }
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined
      if (!this.#isAskedAgain || this.#isClosed) return
      this.#isAskedAgain = false
      void this.look()
    })
    return this.#reading
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#timer?.stop()
    this.#watcher?.close()
    await this.#reading
  }

  #schedule(): void {
    this.#timer = this.#options.clock.after(pollMs, () => this.#poll(), { background: true })
  }

  #poll(): void {
    if (this.#suspect === undefined) void this.look()
    else void this.#lookAgain(this.#suspect)
    this.#schedule()
  }

  /** What was half written a moment ago is whole by now. */
  async #lookAgain(suspect: string): Promise<void> {
    await this.look()
    if (this.#suspect !== suspect || this.#isClosed) return
    this.#suspect = undefined
    this.#text = suspect
    const cause = causeOf(suspect)
    const { code, message } = remoteDirectoryCorrupt({ file: this.#options.file, cause })
    this.#options.telemetry.logs.log('error', { code }, message)
  }

  async #read(): Promise<void> {
    const text = await tryReadText(this.#options.file)
    if (text === undefined || text === this.#text || this.#isClosed) return
    const content = parseDirectory(text)
    if (typeof content === 'string') {
      this.#suspect = text
      return
    }
    this.#suspect = undefined
    this.#text = text
    this.#take(content)
  }

  #take({ generation, instances }: DirectoryContent): void {
    if (generation <= this.#generation) return
    this.#generation = generation
    this.set(instances)
  }
}

function causeOf(text: string): string {
  const content = parseDirectory(text)
  return typeof content === 'string' ? content : ''
}

/** The watcher is a convenience: where it fails, polling finds the change. The folder is watched, for
 *  renaming replaces the file itself. */
function tryWatch(file: string, changed: () => void): FSWatcher | undefined {
  try {
    const name = basename(file)
    const watcher = watch(dirname(file), { persistent: false }, (_event, changedName) => {
      if (changedName === null || changedName === name) changed()
    })
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}

async function tryReadText(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    return size > fileBytesMax ? `more than ${fileBytesMax} bytes` : await file.readFile('utf8')
  } catch {
    return undefined
  }
}
