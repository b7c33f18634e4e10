import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { haproxyFolderUnusable } from './errors.ts'
import { fileNames } from './layout.ts'

/** What macOS and Linux allow for the path of a socket; the smaller one. */
const socketPathBytesMax = 103

/** The folder of one gateway: its configuration, sockets and log. One HAProxy per folder. */
export class GatewayFolder {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Makes the folder, for its owner alone.
   *  @throws HAPROXY_FOLDER_UNUSABLE */
  static async open(path: string): Promise<GatewayFolder> {
    const folder = new GatewayFolder(resolve(path))
    const bytes = Buffer.byteLength(folder.pathOf('runtimeSocket'))
    if (bytes > socketPathBytesMax) {
      const cause = `the path of its socket has ${bytes} bytes, and ${socketPathBytesMax} are allowed`
      throw haproxyFolderUnusable({ folder: folder.path, cause })
    }
    await folder.#attempt(async () => {
      await mkdir(folder.path, { recursive: true, mode: 0o700 })
      await mkdir(folder.pathOf('jail'), { recursive: true, mode: 0o100 })
    })
    return folder
  }

  pathOf(name: keyof typeof fileNames): string {
    return join(this.path, fileNames[name])
  }

  /** Writes a file so that a crash leaves the old one or the new one, never a part. */
  async write(name: string, content: string): Promise<void> {
    await this.#attempt(async () => {
      const path = join(this.path, name)
      const draft = `${path}.draft`
      const file = await open(draft, 'w', 0o600)
      try {
        await file.writeFile(content)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(draft, path)
    })
  }

  async moveNextConfig(): Promise<void> {
    await this.#attempt(() => rename(this.pathOf('nextConfig'), this.pathOf('config')))
  }

  /** How long the log is. */
  async logSize(): Promise<number> {
    const found = await stat(this.pathOf('log')).catch(() => undefined)
    return found?.size ?? 0
  }

  /** The end of what HAProxy said since the log had `offset` bytes, without its notices. */
  async logLines(offset: number): Promise<string> {
    const bytes = await readFile(this.pathOf('log')).catch(() => Buffer.alloc(0))
    return lastLines(bytes.subarray(offset > bytes.length ? 0 : offset).toString('utf8'))
  }

  /** What the last HAProxy here wrote as its id, whether it runs or not; 0 when none did. */
  async masterPid(): Promise<number> {
    const text = await readFile(this.pathOf('pid'), 'utf8').catch(() => '')
    return Number(/^\d+/.exec(text)?.[0] ?? 0)
  }

  /** Removes what only a running HAProxy has. */
  async removeTraces(): Promise<void> {
    const names = ['runtimeSocket', 'masterSocket', 'pid', 'keeper'] as const
    await Promise.all(names.map((name) => rm(this.pathOf(name), { force: true })))
  }

  async #attempt<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error)
      throw haproxyFolderUnusable({ folder: this.path, cause }, { cause: error })
    }
  }
}

const linesMax = 20

/** The lines that say what is wrong; all when none does. */
export function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const telling = lines.filter((line) => !line.startsWith('[NOTICE]'))
  return (telling.length === 0 ? lines : telling).slice(-linesMax).join('\n')
}
