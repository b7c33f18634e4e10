import { type ChildProcess, spawn } from 'node:child_process'
import { type Clock, sleep } from '../../kernel/index.ts'
import { cliCompanionFailed } from '../errors.ts'
import type { Companion } from '../load-application.ts'

const readyTimeoutMs = 15_000
const stopTimeoutMs = 5_000

/** A companion of the application, such as a simulator of a foreign service. Its standard input is a
 *  pipe that closes with this process, so that it never outlives it. */
export class CompanionProcess {
  readonly name: string
  readonly #child: ChildProcess
  readonly #clock: Clock
  readonly #exited: Promise<string>
  #status: string | undefined

  constructor(companion: Companion, options: { readonly clock: Clock; readonly cwd: string }) {
    this.name = companion.name
    this.#clock = options.clock
    const [command = '', ...args] = companion.command
    this.#child = spawn(command === 'node' ? process.execPath : command, args, {
      cwd: options.cwd,
      stdio: ['pipe', 'ignore', 'inherit'],
      detached: true,
      env: { ...process.env, ...companion.env },
    })
    this.#exited = new Promise((resolve) => {
      const end = (status: string): void => {
        this.#status = status
        resolve(status)
      }
      this.#child.once('error', (error) => end(error.message))
      this.#child.once('exit', (code, signal) => end(signal ?? `code ${code}`))
    })
  }

  /** Waits until `url` answers 2xx.
   *  @throws CLI_COMPANION_FAILED when it ends or stays silent for 15 s */
  async waitReady(url: string | undefined): Promise<void> {
    if (url === undefined) return
    const endMs = this.#clock.monotonicMs() + readyTimeoutMs
    while (this.#clock.monotonicMs() < endMs) {
      if (this.#status !== undefined) break
      if (await answers(url)) return
      await sleep(this.#clock, 50)
    }
    const cause = this.#status ?? `no answer from ${url} within ${readyTimeoutMs} ms`
    throw cliCompanionFailed({ name: this.name, cause })
  }

  async stop(): Promise<void> {
    if (this.#status !== undefined) return
    this.#child.stdin?.end()
    this.#child.kill('SIGTERM')
    const force = this.#clock.after(stopTimeoutMs, () => this.#child.kill('SIGKILL'))
    await this.#exited
    force.stop()
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}
