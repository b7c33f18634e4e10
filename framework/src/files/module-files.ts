import type {
  FileContent,
  FileInfo,
  FilePage,
  FilePutOptions,
  FileRange,
  Files,
  StoredFile,
} from '../module/index.ts'
import { assertKey, assertPrefix } from './key.ts'
import type { FileLifetime, FileStore } from './port.ts'

/** `ctx.files` of one module in one context: the store, seen from behind `<module>/`. What is stored
 *  under another module's name cannot be named, for a key has no way up. */
export class ModuleFiles implements Files {
  readonly #store: FileStore
  readonly #folder: string
  readonly #lifetime: FileLifetime

  constructor(store: FileStore, module: string, lifetime: FileLifetime) {
    this.#store = store
    this.#folder = `${module}/`
    this.#lifetime = lifetime
  }

  async put(key: string, content: FileContent, options: FilePutOptions): Promise<FileInfo> {
    const place = this.#place(key)
    const info = await this.#store.put(this.#lifetime, { ...options, key: place, content })
    return { ...info, key }
  }

  async get(key: string, options: { readonly range?: FileRange } = {}): Promise<StoredFile> {
    const file = await this.#store.get(this.#lifetime, { key: this.#place(key), ...options })
    return {
      info: { ...file.info, key },
      content: file.content,
      bytes: () => file.bytes(),
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    }
  }

  async head(key: string): Promise<FileInfo> {
    return { ...(await this.#store.head(this.#lifetime, this.#place(key))), key }
  }

  async delete(key: string): Promise<void> {
    await this.#store.delete(this.#lifetime, this.#place(key))
  }

  async list(
    prefix: string,
    options: { readonly after?: string; readonly countMax?: number } = {},
  ): Promise<FilePage> {
    const { after, countMax } = options
    assertPrefix(prefix)
    const page = await this.#store.list(this.#lifetime, {
      prefix: `${this.#folder}${prefix}`,
      after: after === undefined ? undefined : this.#place(after),
      countMax,
    })
    const shown = (key: string): string => key.slice(this.#folder.length)
    return {
      files: page.files.map((entry) => ({ ...entry, key: shown(entry.key) })),
      nextAfter: page.nextAfter === undefined ? undefined : shown(page.nextAfter),
    }
  }

  /** Judged before the module's name stands in front of it, so that `..` has nothing to climb. */
  #place(key: string): string {
    assertKey(key)
    return `${this.#folder}${key}`
  }
}
