import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const nodeFlags = ['--conditions=source', '--disable-warning=ExperimentalWarning']
const timeoutMs = 30_000

/** How a command ended. */
export interface Ended {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** When it is killed, which fails the test; 30 s unless given. */
  readonly timeoutMs?: number
}

/** Runs the real command line until it ends; after 30 s it is killed, which fails the test. */
export async function banyan(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Ended> {
  await using command = new Command(args, options)
  return await command.ended
}

/** The real command line as a process of its own group, as a terminal starts it. */
export class Command implements AsyncDisposable {
  readonly pid: number
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()
  stdout = ''
  stderr = ''

  constructor(args: readonly string[], { cwd, env, ...limits }: CommandOptions = {}) {
    this.#child = spawn(process.execPath, [...nodeFlags, main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...cleanEnvironment(), ...env },
      ...(cwd === undefined ? {} : { cwd }),
    })
    this.pid = this.#child.pid ?? -1
    this.#child.stdout?.on('data', (text) => this.#hear('stdout', String(text)))
    this.#child.stderr?.on('data', (text) => this.#hear('stderr', String(text)))
    const force = setTimeout(() => this.signal('SIGKILL'), limits.timeoutMs ?? timeoutMs)
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (exitCode, signal) => {
        clearTimeout(force)
        const { stdout, stderr } = this
        resolve({ exitCode, signal, stdout, stderr })
        this.#wake()
      })
    })
  }

  /** Resolves when the output matches, with the match. @throws when the process ends before */
  async see(pattern: RegExp): Promise<RegExpExecArray> {
    let isEnded = false
    void this.ended.then(() => {
      isEnded = true
    })
    for (;;) {
      const found = pattern.exec(`${this.stdout}\n${this.stderr}`)
      if (found !== null) return found
      if (isEnded) throw new Error(`no ${pattern} in:\n${this.stdout}\n${this.stderr}`)
      await new Promise<void>((resolve) => void this.#waiting.add(resolve))
    }
  }

  /** Forgets what was written so far, so that `see` looks at what comes. */
  forget(): void {
    this.stdout = ''
    this.stderr = ''
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** What Ctrl-C does: the signal goes to every process of the group. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.signal('SIGKILL')
    await this.ended
  }

  #hear(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

/** The environment without what would change an application. */
function cleanEnvironment(): Record<string, string | undefined> {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(BANYAN_|DATABASE_URL$|SHELF_|NODE_TEST_CONTEXT$)/.test(name),
  )
  return Object.fromEntries(entries)
}

/** Processes whose command line or working folder is in `folder`; Linux only. */
export function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const command = readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
      const isZombie = /^State:\s+Z/m.test(readText(`/proc/${pid}/status`))
      return command.includes(folder) && !isZombie ? [`${pid} ${command.slice(0, 120)}`] : []
    })
}

/** Waits until no process of `folder` is left, at most `limitMs`. @returns those that are */
export async function waitUntilAlone(folder: string, limitMs: number): Promise<readonly string[]> {
  const endMs = performance.now() + limitMs
  let left = processesIn(folder)
  while (left.length > 0 && performance.now() < endMs) {
    await new Promise<void>((resolve) => void setTimeout(resolve, 50))
    left = processesIn(folder)
  }
  return left
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
