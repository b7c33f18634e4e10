import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { World } from '../kernel/index.ts'
import { encodeTrailer } from './trailer.ts'

/** A file that is on the disk, and has no key yet. */
export interface Draft {
  readonly path: string
  readonly sizeBytes: number
  readonly etag: string
  readonly storedAtMs: number
}

/** A put is under way for minutes at most. */
const abandonedAfterMs = 24 * 60 * 60 * 1_000

/** Where files are written before they get their name. What a killed process left is removed a day
 *  later by whoever writes next. */
export class Drafts {
  readonly #folder: string
  readonly #world: Pick<World, 'clock' | 'random'>
  #opened: Promise<void> | undefined

  constructor(folder: string, world: Pick<World, 'clock' | 'random'>) {
    this.#folder = folder
    this.#world = world
  }

  /** Writes a content and its trailer, durably; nothing is left where that fails. */
  async write(contentType: string, parts: AsyncIterable<Uint8Array>): Promise<Draft> {
    await (this.#opened ??= this.#open())
    const draft = path.join(this.#folder, this.#world.random.bytes(16).toString('hex'))
    const hash = createHash('sha256')
    let sizeBytes = 0
    const handle = await open(draft, 'wx', 0o600)
    try {
      for await (const part of parts) {
        await handle.writeFile(part)
        hash.update(part)
        sizeBytes += part.length
      }
      const etag = hash.digest('hex')
      await handle.writeFile(encodeTrailer({ sizeBytes, contentType, etag }))
      await handle.sync()
      const { mtimeMs } = await handle.stat()
      await handle.close()
      return { path: draft, sizeBytes, etag, storedAtMs: Math.floor(mtimeMs) }
    } catch (error) {
      await handle.close().catch(() => {})
      await this.discard({ path: draft })
      throw error
    }
  }

  async discard(draft: Pick<Draft, 'path'>): Promise<void> {
    await rm(draft.path, { force: true }).catch(() => {})
  }

  async #open(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      const nowMs = this.#world.clock.nowMs()
      for (const name of await readdir(this.#folder)) {
        const draft = { path: path.join(this.#folder, name) }
        const found = await stat(draft.path).catch(() => undefined)
        if (found !== undefined && found.mtimeMs < nowMs - abandonedAfterMs) {
          await this.discard(draft)
        }
      }
    } catch (error) {
      this.#opened = undefined
      throw error
    }
  }
}
