import { type FSWatcher, watch } from 'node:fs'
import type { Clock, Timer } from '../../kernel/index.ts'

const settleMs = 120
const watched = /\.(ts|mts|js|mjs|sql|json)$/
const ignored = /(^|[\\/])(node_modules|\.banyan|\.git|dist|coverage)([\\/]|$)/

/** Calls `changed` when a source below one of the folders changed, once per burst of changes. */
export class SourceWatch {
  readonly #watchers: readonly FSWatcher[]
  readonly #clock: Clock
  #timer: Timer | undefined

  constructor(folders: readonly string[], clock: Clock, changed: (file: string) => void) {
    this.#clock = clock
    this.#watchers = folders.map((folder) =>
      watch(folder, { recursive: true }, (_event, file) => {
        if (file !== null && watched.test(file) && !ignored.test(file)) this.#settle(file, changed)
      }),
    )
  }

  close(): void {
    this.#timer?.stop()
    for (const watcher of this.#watchers) watcher.close()
  }

  #settle(file: string, changed: (file: string) => void): void {
    this.#timer?.stop()
    this.#timer = this.#clock.after(settleMs, () => changed(file))
  }
}
