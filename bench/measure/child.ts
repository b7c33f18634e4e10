/** Processes of a bench: pinned to a core where the machine allows it, bounded in time, and ended by
 *  their own id. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'

/** Servers run on the first core, everything that makes load or receives telemetry on the second. */
export const serverCore = 0
export const loadCore = 1

let tasksetFound: boolean | undefined

/** Whether processes are really pinned: Linux with `taskset` and at least two cores. */
export function pinningWorks(): boolean {
  tasksetFound ??=
    availableParallelism() >= 2 && spawnSync('taskset', ['--version']).error === undefined
  return tasksetFound
}

/** Moves this process, all its threads, to the load core, out of the servers' way. */
export function pinRunner(): void {
  if (!pinningWorks()) return
  spawnSync('taskset', ['-a', '-p', '-c', String(loadCore), String(process.pid)])
}

export type ChildOptions = {
  readonly command: string
  readonly args: readonly string[]
  readonly core: number
  readonly cwd?: string
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** A running process. Disposing it stops it. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess
  #stdout = ''
  #stderr = ''

  constructor(options: ChildOptions) {
    const pinned = pinningWorks()
      ? { command: 'taskset', args: ['-c', String(options.core), options.command, ...options.args] }
      : options
    this.#process = spawn(pinned.command, pinned.args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-8_000)
    })
    this.#process.on('error', (error) => {
      this.#stderr += error.message
    })
  }

  /** The id of the process; taskset replaces itself by the command, so it is the command's. */
  get pid(): number {
    const { pid } = this.#process
    if (pid === undefined) throw new Error(`the process did not start: ${this.#stderr}`)
    return pid
  }

  /** The last 8,000 characters of standard error. */
  get stderr(): string {
    return this.#stderr
  }

  /** The first line of standard output that satisfies `pattern`.
   *  @throws Error when the process ends first or `waitMsMax` passes. */
  async line(pattern: RegExp, waitMsMax: number): Promise<string> {
    const deadline = performance.now() + waitMsMax
    for (;;) {
      const found = this.#stdout.split('\n').find((line) => pattern.test(line))
      if (found !== undefined) return found
      if (this.#ended) throw new Error(`the process ended early: ${this.#stderr || this.#stdout}`)
      if (performance.now() > deadline) {
        throw new Error(`no ${pattern} within ${waitMsMax} ms: ${this.#stderr}`)
      }
      await pauseMs(10)
    }
  }

  /** Waits for the end. @returns standard output. @throws Error on a non-zero exit, or when
   *  `waitMsMax` passes, after killing the process. */
  async output(waitMsMax: number): Promise<string> {
    if (!(await this.#endsWithin(waitMsMax))) {
      await this.#kill()
      throw new Error(`killed after ${waitMsMax} ms: ${this.#stderr}`)
    }
    const { exitCode, signalCode } = this.#process
    if (exitCode !== 0) throw new Error(`exit ${exitCode ?? signalCode}: ${this.#stderr}`)
    return this.#stdout
  }

  /** SIGTERM, then SIGKILL after `graceMs`. @returns whether it ended by itself in time. Idempotent. */
  async stop(graceMs = 10_000): Promise<boolean> {
    if (this.#ended) return true
    this.#process.kill('SIGTERM')
    if (await this.#endsWithin(graceMs)) return true
    await this.#kill()
    return false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  get #ended(): boolean {
    const { pid, exitCode, signalCode } = this.#process
    return pid === undefined || exitCode !== null || signalCode !== null
  }

  async #endsWithin(waitMs: number): Promise<boolean> {
    if (this.#ended) return true
    try {
      // 'close' follows the end of the output pipes, so nothing the process wrote is missed.
      await once(this.#process, 'close', { signal: AbortSignal.timeout(waitMs) })
      return true
    } catch {
      return this.#ended
    }
  }

  async #kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#endsWithin(2_000)
  }
}

/** A child that runs a TypeScript or JavaScript file with this Node, from source. */
export function startNode(
  file: string,
  options: Omit<ChildOptions, 'command' | 'args'> & {
    readonly args?: readonly string[]
    readonly nodeArgs?: readonly string[]
  },
): Child {
  const args = ['--conditions=source', ...(options.nodeArgs ?? []), file, ...(options.args ?? [])]
  return new Child({ ...options, command: process.execPath, args })
}

/** Real time passes here: benches wait for real processes. */
export function pauseMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
