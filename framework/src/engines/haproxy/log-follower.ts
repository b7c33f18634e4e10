import { copyFile, open, stat, truncate } from 'node:fs/promises'
import type { Clock, Timer } from '../../kernel/index.ts'
import type { GatewayFolder } from './gateway-folder.ts'

const everyMs = 250
const logBytesMax = 8 * 1024 * 1024
const partBytesMax = 256 * 1024

/** Hands on what HAProxy writes into its log, and keeps the log small: HAProxy appends to a file that
 *  it holds open, so a full one is copied aside and emptied (lines of that moment may be lost). */
export class LogFollower {
  readonly #folder: GatewayFolder
  readonly #clock: Clock
  readonly #onLine: ((line: string) => void) | undefined
  #offset = 0
  #rest = ''
  #timer: Timer | undefined
  #isStopped = false

  constructor(
    folder: GatewayFolder,
    options: { readonly clock: Clock; readonly onLine: ((line: string) => void) | undefined },
  ) {
    this.#folder = folder
    this.#clock = options.clock
    this.#onLine = options.onLine
  }

  /** Follows from the log's present end. */
  async start(): Promise<void> {
    this.#offset = await this.#folder.logSize()
    this.#next()
  }

  /** Hands on what is left. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.stop()
    await this.#look()
  }

  #next(): void {
    if (this.#isStopped) return
    const look = (): void => void this.#look().finally(() => this.#next())
    this.#timer = this.#clock.after(everyMs, look, { background: true })
  }

  /** A log that cannot be read is no reason to stop serving. */
  async #look(): Promise<void> {
    try {
      await this.#read()
      if (this.#offset > logBytesMax) await this.#empty()
    } catch {}
  }

  async #read(): Promise<void> {
    const path = this.#folder.pathOf('log')
    const { size } = await stat(path)
    if (size < this.#offset) this.#offset = 0
    // What nobody wants to read, or cannot be read in time, is skipped.
    if (this.#onLine === undefined) this.#offset = size
    if (size - this.#offset > partBytesMax) this.#offset = size - partBytesMax
    if (size === this.#offset) return
    const file = await open(path, 'r')
    try {
      const part = Buffer.alloc(size - this.#offset)
      const { bytesRead } = await file.read(part, 0, part.length, this.#offset)
      this.#offset += bytesRead
      this.#hand(part.toString('utf8', 0, bytesRead))
    } finally {
      await file.close()
    }
  }

  #hand(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') this.#onLine?.(line)
  }

  async #empty(): Promise<void> {
    const path = this.#folder.pathOf('log')
    await copyFile(path, this.#folder.pathOf('oldLog'))
    await truncate(path, 0)
    this.#offset = 0
  }
}
