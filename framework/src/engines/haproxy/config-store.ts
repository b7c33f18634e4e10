import { execFile } from 'node:child_process'
import { haproxyConfigRefused } from './errors.ts'
import { type GatewayFolder, lastLines } from './gateway-folder.ts'
import type { PlannedServer } from './gateway-state.ts'
import { fileNames } from './layout.ts'
import { renderGateway, type RenderOptions } from './render-gateway.ts'

const checkTimeoutMs = 30_000

/** The configuration on disk. It is written before the running HAProxy hears of a change: a reload
 *  knows only what the files say. */
export class ConfigStore {
  readonly #folder: GatewayFolder
  readonly #binary: string
  readonly #render: Omit<RenderOptions, 'servers'>
  /** Of what this store writes; a running HAProxy that tells another one needs a reload. */
  readonly digest: string

  constructor(folder: GatewayFolder, binary: string, render: Omit<RenderOptions, 'servers'>) {
    this.#folder = folder
    this.#binary = binary
    this.#render = render
    this.digest = renderGateway(render).digest
  }

  /** Writes the files for these servers; `haproxy -c` judges them before they replace the old ones
   *  unless only servers changed, which are checked already.
   *  @throws HAPROXY_CONFIG_REFUSED · HAPROXY_FOLDER_UNUSABLE */
  async write(servers: readonly PlannedServer[], check: 'check' | 'servers only'): Promise<void> {
    const { files } = renderGateway({ ...this.#render, servers })
    const { config, nextConfig } = fileNames
    for (const [name, content] of Object.entries(files)) {
      if (name !== config) await this.#folder.write(name, content)
    }
    await this.#folder.write(nextConfig, files[config] ?? '')
    if (check === 'check') await this.#check()
    await this.#folder.moveNextConfig()
  }

  async #check(): Promise<void> {
    const { path } = this.#folder
    const args = ['-c', '-f', fileNames.nextConfig]
    const options = { cwd: path, timeout: checkTimeoutMs }
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    execFile(this.#binary, args, options, (error, stdout, stderr) => {
      resolve(error === null ? undefined : `${stdout}${stderr}${error.killed ? error.message : ''}`)
    })
    const output = await promise
    if (output === undefined) return
    const file = this.#folder.pathOf('nextConfig')
    throw haproxyConfigRefused({ file, lines: lastLines(output) })
  }
}
