import { type FSWatcher, readdirSync, watch } from 'node:fs'
import path from 'node:path'
import type { Clock, Timer } from '../../kernel/index.ts'

const settleMs = 80
const foldersMax = 2_000
const watchedFile = /\.(ts|mts|js|mjs|sql|json)$/
const ignoredFolder = /^(node_modules|dist|coverage|\..*)$/

/** Calls `changed` when a source below one of the folders changed, once per burst of changes. Folders
 *  that start with a dot, `node_modules`, `dist` and `coverage` are not entered.
 *  Limits: 2,000 folders; what lies beyond is not watched. */
export class SourceWatch {
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #clock: Clock
  readonly #changed: (file: string) => void
  #timer: Timer | undefined

  constructor(folders: readonly string[], clock: Clock, changed: (file: string) => void) {
    this.#clock = clock
    this.#changed = changed
    for (const folder of folders) this.#enter(folder)
  }

  close(): void {
    this.#timer?.stop()
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  /** One watcher per folder: a recursive one would also hold every file of node_modules. */
  #enter(folder: string): void {
    if (this.#watchers.has(folder) || this.#watchers.size >= foldersMax) return
    try {
      const watcher = watch(folder, (_event, name) => this.#notice(folder, name))
      watcher.on('error', () => this.#leave(folder))
      this.#watchers.set(folder, watcher)
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory() && !ignoredFolder.test(entry.name)) {
          this.#enter(path.join(folder, entry.name))
        }
      }
    } catch {
      // It vanished meanwhile, which its parent folder's watcher tells.
      this.#leave(folder)
    }
  }

  #leave(folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
  }

  #notice(folder: string, name: string | null): void {
    if (name === null) return
    const file = path.join(folder, name)
    if (watchedFile.test(name)) {
      this.#timer?.stop()
      this.#timer = this.#clock.after(settleMs, () => this.#changed(file))
    } else if (!ignoredFolder.test(name)) this.#enterNew(file)
  }

  #enterNew(folder: string): void {
    const before = this.#watchers.size
    this.#leave(folder)
    this.#enter(folder)
    if (this.#watchers.size > before) {
      // Files that were there before the watcher was are seen by restarting once.
      this.#timer?.stop()
      this.#timer = this.#clock.after(settleMs, () => this.#changed(folder))
    }
  }
}
