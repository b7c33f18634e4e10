import { type ChildProcess, spawn } from 'node:child_process'
import { get } from 'node:http'
import { type Clock, sleep } from '../../kernel/index.ts'
import { cliCompanionFailed } from '../errors.ts'
import type { Companion } from '../load-application.ts'

const readyTimeoutMs = 15_000
const stopTimeoutMs = 5_000

/** A companion of the application, such as a simulator of a foreign service. It leads a process group,
 *  and its standard input is a pipe that closes with this process, so that it never outlives it. */
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
    // It may end before it has read: that is seen by its exit.
    this.#child.stdin?.on('error', () => {})
    this.#exited = new Promise((resolve) => {
      const end = (status: string): void => {
        this.#status = status
        resolve(status)
      }
      this.#child.once('error', (error) => end(error.message))
      this.#child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`))
    })
  }

  get isRunning(): boolean {
    return this.#status === undefined
  }

  /** Resolves with its status when it has ended. */
  get exited(): Promise<string> {
    return this.#exited
  }

  /** Waits until `url` answers 2xx.
   *  @throws CLI_COMPANION_FAILED when it ends or stays silent for 15 s */
  async waitReady(url: string | undefined): Promise<void> {
    if (url === undefined) return
    const endMs = this.#clock.monotonicMs() + readyTimeoutMs
    while (this.#clock.monotonicMs() < endMs && this.isRunning) {
      if (await answers(url)) return
      await sleep(this.#clock, 30)
    }
    const cause = this.#status ?? `no 2xx from ${url} within ${readyTimeoutMs / 1_000} s`
    throw cliCompanionFailed({ name: this.name, cause })
  }

  /** Asks it to end, and its whole group by force after 5 s. Idempotent. */
  async stop(): Promise<void> {
    if (!this.isRunning) return
    this.#child.stdin?.end()
    this.#child.kill('SIGTERM')
    const force = this.#clock.after(stopTimeoutMs, () => this.kill())
    await this.#exited
    force.stop()
  }

  /** Ends it and what it started by force. */
  kill(): void {
    const { pid } = this.#child
    if (pid === undefined || !this.isRunning) return
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
    } catch {
      this.#child.kill('SIGKILL')
    }
  }
}

/** Somebody else's process on that port would be taken for a companion that is ready.
 *  @throws CLI_COMPANION_FAILED */
export async function assertUnanswered({ name, ready }: Companion): Promise<void> {
  if (ready === undefined || !(await answers(ready))) return
  throw cliCompanionFailed({ name, cause: `another process already answers at ${ready}` })
}

/** With node:http, because the global fetch costs this process 10 MB. */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 1_000, agent: false }, (response) => {
      response.resume()
      const { statusCode = 500 } = response
      resolve(statusCode >= 200 && statusCode < 300)
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(false))
  })
}
