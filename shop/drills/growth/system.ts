import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { createSystemClock, sleep } from 'banyan/kernel'

const cli = new URL('../../../framework/src/cli/main.ts', import.meta.url).pathname
const shopFolder = new URL('../..', import.meta.url).pathname
const clock = createSystemClock()
const readyMs = 60_000
const commandMs = 120_000

export interface SystemOptions {
  /** Of its local state. */
  readonly folder: string
  readonly port: number
  /** All that its processes see, PATH among it: the gateway is found there. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Flags of the plan that hold in every topology: `gateway.engine=haproxy`. */
  readonly flags: readonly string[]
}

interface Table {
  readonly rows: readonly Process[]
}

/** One row of `banyan ps --json`. */
export interface Process {
  readonly id: string
  readonly kind: string
  readonly service?: string
  readonly pid: number
  readonly state: string
}

/** An instance that may be killed. */
export interface Victim {
  readonly id: string
  readonly service: string | undefined
  readonly pid: number
}

/** A place in the supervisor's state.json, as far as the drill reads it. */
interface RecordedSlot {
  readonly kind: string
  readonly service?: string
  readonly role: string
  readonly child?: { readonly id: string; readonly pid?: number; readonly report?: object }
}

/** The shop under `banyan up`, and the commands of its operator. */
export class RunningSystem implements AsyncDisposable {
  readonly url: string
  readonly #options: SystemOptions
  readonly #supervisor: ChildProcess
  readonly #exited: Promise<number | null>

  private constructor(options: SystemOptions, supervisor: ChildProcess) {
    this.#options = options
    this.#supervisor = supervisor
    this.url = `http://127.0.0.1:${options.port}`
    this.#exited = new Promise((resolve) => void supervisor.once('exit', resolve))
  }

  /** Runs `banyan up` and waits until the public address answers.
   *  @throws when it does not within a minute */
  static async start(topology: string, options: SystemOptions): Promise<RunningSystem> {
    await mkdir(options.folder, { recursive: true })
    const args = ['up', topologyFile(topology), shopFolder, ...setFlags(options)]
    const supervisor = spawn(process.execPath, commandLine(args), {
      env: environmentOf(options),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = createWriteStream(logFile(options))
    supervisor.stdout.pipe(log, { end: false })
    supervisor.stderr.pipe(log, { end: false })
    const system = new RunningSystem(options, supervisor)
    await system.#untilReady()
    return system
  }

  /** Moves the running system to another topology; also to one that survives less. */
  async apply(topology: string): Promise<void> {
    const flags = setFlags(this.#options)
    await this.#run(['apply', topologyFile(topology), shopFolder, '--force', ...flags])
  }

  /** Replaces every instance, one after the other. */
  async restartAll(): Promise<void> {
    await this.#run(['restart', 'all', shopFolder])
  }

  async processes(): Promise<readonly Process[]> {
    const table = JSON.parse(await this.#run(['ps', shopFolder, '--json'])) as Table
    return table.rows
  }

  /** The instances that serve now. */
  async instances(): Promise<readonly Process[]> {
    const all = await this.processes()
    return all.filter(({ kind, state }) => kind === 'instance' && state === 'ready')
  }

  /** The same, read from what the supervisor records: at once, also on a machine that is busy. */
  async recordedInstances(): Promise<readonly Victim[]> {
    const text = await readFile(path.join(this.#options.folder, 'run', 'state.json'), 'utf8')
    const { slots } = JSON.parse(text) as { readonly slots: readonly RecordedSlot[] }
    return slots.flatMap(({ kind, service, role, child }) =>
      kind === 'instance' && role === 'current' && child?.pid !== undefined && child.report
        ? [{ id: child.id, service, pid: child.pid }]
        : [],
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#supervisor.kill('SIGTERM')
    const force = clock.after(commandMs, () => this.#supervisor.kill('SIGKILL'))
    await this.#exited
    force.stop()
  }

  async #untilReady(): Promise<void> {
    const endMs = clock.monotonicMs() + readyMs
    while (clock.monotonicMs() < endMs && this.#supervisor.exitCode === null) {
      const answer = await fetch(`${this.url}/categories`).catch(() => undefined)
      if (answer?.ok === true) return
      await sleep(clock, 100)
    }
    this.#supervisor.kill('SIGTERM')
    const log = await readFile(logFile(this.#options), 'utf8')
    throw new Error(`the system did not serve:\n${log.slice(-4_000)}`)
  }

  #run(args: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, commandLine(args), {
      env: environmentOf(this.#options),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const impatience = clock.after(commandMs, () => child.kill('SIGKILL'))
    let output = ''
    let errors = ''
    child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => void (errors += chunk.toString()))
    return new Promise((resolve, reject) => {
      child.once('close', (code) => {
        impatience.stop()
        if (code === 0) resolve(output)
        else reject(new Error(`banyan ${args[0]} ended with ${code}:\n${output}${errors}`))
      })
    })
  }
}

function commandLine(args: readonly string[]): readonly string[] {
  return ['--conditions=source', '--disable-warning=ExperimentalWarning', cli, ...args]
}

function logFile({ folder }: SystemOptions): string {
  return path.join(folder, 'up.log')
}

function topologyFile(name: string): string {
  return path.join(shopFolder, 'topologies', `${name}.ts`)
}

function setFlags({ flags }: SystemOptions): readonly string[] {
  return flags.flatMap((flag) => ['--set', flag])
}

function environmentOf({ environment, folder, port }: SystemOptions): NodeJS.ProcessEnv {
  return { ...environment, BANYAN_FOLDER: folder, BANYAN_PORT: String(port) }
}
