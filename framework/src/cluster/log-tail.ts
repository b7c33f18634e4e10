import { closeSync, type FSWatcher, openSync, readSync, statSync, watch } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import type { Clock, Timer } from '../kernel/index.ts'
import { logBytesMax, rotateLog } from './log-file.ts'

export interface LogTailOptions {
  readonly clock: Clock
  /** The folder that holds the logs: watched as a whole. */
  readonly folder: string
  /** Told each line, without its end, in the order in which they are found. */
  readonly onLine: (id: string, line: string) => void
  /** Whether the reader of the lines has room for more; the files wait. */
  readonly mayRead: () => boolean
  /** When a log is put away; 10 MiB unless given. */
  readonly bytesMax?: number
}

/** Longest line that is passed on in one piece. */
const lineCharsMax = 64 * 1024
/** Bytes of one log that are read before the others get their turn. */
const turnBytesMax = 256 * 1024
/** Changes are told by the file system; where they are not, this is how late a line can be. */
const pollMs = 250
/** A log that nobody reads is put away at this multiple of its size; its lines are in the file then, and
 *  not passed on. */
const unreadFactor = 4

interface Followed {
  readonly id: string
  readonly file: string
  position: number
  rest: string
  readonly decoder: StringDecoder
}

/** Follows the logs of many processes and makes one stream of lines of them. The processes write files,
 *  not pipes, so that they outlive their reader and never wait for it; a slow reader only reads later. */
export class LogTail {
  readonly #options: LogTailOptions
  readonly #followed = new Map<string, Followed>()
  readonly #chunk = Buffer.allocUnsafe(64 * 1024)
  #watcher: FSWatcher | undefined
  #timer: Timer | undefined
  #soon: Timer | undefined
  #isClosed = false

  constructor(options: LogTailOptions) {
    this.#options = options
    try {
      this.#watcher = watch(options.folder, { persistent: false }, () => this.#readSoon())
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      // no watchers left on this machine: the poll is enough
    }
    this.#arm()
  }

  /** Follows a log from where it ends now. */
  follow(id: string, file: string): void {
    const position = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    const decoder = new StringDecoder('utf8')
    this.#followed.set(id, { id, file, position, rest: '', decoder })
  }

  /** Passes on what is left of a log whose process has ended, and lets go of it. */
  leave(id: string): void {
    const followed = this.#followed.get(id)
    if (followed === undefined) return
    this.#read(followed, Number.POSITIVE_INFINITY)
    if (followed.rest !== '') this.#options.onLine(id, followed.rest)
    this.#followed.delete(id)
  }

  /** Reads what there is now, and reads no more after that. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const id of [...this.#followed.keys()]) this.leave(id)
    this.#timer?.stop()
    this.#soon?.stop()
    this.#watcher?.close()
  }

  /** Reads every log once. */
  readAll(): void {
    for (const followed of this.#followed.values()) this.#read(followed, turnBytesMax)
  }

  #arm(): void {
    const { clock } = this.#options
    this.#timer = clock.after(pollMs, () => {
      this.readAll()
      for (const followed of this.#followed.values()) this.#rotate(followed)
      if (!this.#isClosed) this.#arm()
    })
  }

  /** Changes come in bursts. */
  #readSoon(): void {
    this.#soon ??= this.#options.clock.after(20, () => {
      this.#soon = undefined
      this.readAll()
    })
  }

  /** Once everything that it holds has been read; however slow the reader is, the disk is bounded. */
  #rotate(followed: Followed): void {
    const bytesMax = this.#options.bytesMax ?? logBytesMax
    const size = statSync(followed.file, { throwIfNoEntry: false })?.size ?? 0
    if (size > followed.position && size < unreadFactor * bytesMax) return
    if (rotateLog(followed.file, bytesMax)) followed.position = 0
  }

  #read(followed: Followed, bytesMax: number): void {
    const { size } = statSync(followed.file, { throwIfNoEntry: false }) ?? { size: 0 }
    // Somebody emptied it: what it holds now is new.
    if (size < followed.position) followed.position = 0
    if (size === followed.position) return
    const descriptor = openSync(followed.file, 'r')
    try {
      for (let left = bytesMax; left > 0 && this.#options.mayRead(); left -= this.#chunk.length) {
        const count = readSync(descriptor, this.#chunk, 0, this.#chunk.length, followed.position)
        if (count === 0) break
        followed.position += count
        this.#pass(followed, followed.decoder.write(this.#chunk.subarray(0, count)))
      }
    } finally {
      closeSync(descriptor)
    }
  }

  #pass(followed: Followed, text: string): void {
    const lines = `${followed.rest}${text}`.split('\n')
    followed.rest = lines.pop() ?? ''
    for (const line of lines) this.#options.onLine(followed.id, line)
    if (followed.rest.length > lineCharsMax) {
      this.#options.onLine(followed.id, followed.rest)
      followed.rest = ''
    }
  }
}
