import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { type Clock, sleep } from '../kernel/index.ts'
import { isRunning, type ProcessIdentity, tryIdentify } from '../process/index.ts'

/** How a process ended: `exit code 1`, `SIGKILL`, or why it could not be started. */
export interface ProcessEnd {
  readonly status: string
  /** Undefined where nobody could read it: of a process that was taken over, or was killed. */
  readonly exitCode: number | undefined
}

/** A process that can be ended and whose end is heard of, whoever started it. */
export interface ProcessHandle {
  readonly pid: number
  readonly ended: Promise<ProcessEnd>
  /** Idempotent; does nothing once it has ended. */
  signal(signal: NodeJS.Signals): void
}

export interface SpawnOptions {
  /** The program and its arguments. */
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Takes both outputs; appended to. */
  readonly logFile: string
}

/** Starts a process that outlives this one: in a session of its own, with its outputs in a file. */
export function spawnProcess({ command, cwd, env, logFile }: SpawnOptions): ProcessHandle {
  const [program = '', ...args] = command
  const log = openSync(logFile, 'a', 0o600)
  try {
    const child = spawn(program, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', log, log],
    })
    return new OwnProcess(child)
  } finally {
    closeSync(log)
  }
}

class OwnProcess implements ProcessHandle {
  readonly pid: number
  readonly ended: Promise<ProcessEnd>
  readonly #child: ChildProcess
  #isEnded = false

  constructor(child: ChildProcess) {
    this.#child = child
    this.pid = child.pid ?? -1
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        if (child.pid === undefined) resolve({ status: error.message, exitCode: undefined })
      })
      child.once('exit', (code, signal) => {
        this.#isEnded = true
        this.#endGroup()
        resolve({ status: signal ?? `exit code ${code}`, exitCode: code ?? undefined })
      })
    })
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#isEnded) this.#child.kill(signal)
  }

  /** What it had started and left behind. Its id stands for the group as long as anybody is in it, and
   *  was its own until this moment. */
  #endGroup(): void {
    if (this.pid > 0) trySignal(-this.pid, 'SIGKILL')
  }
}

/** Where looking costs a process of its own it is done less often. */
const pollMs = process.platform === 'linux' ? 100 : 1_000

/** Takes over a process that another one started; its end is found by looking.
 *  @returns undefined when it no longer runs */
export async function tryAdoptProcess(
  identity: ProcessIdentity,
  clock: Clock,
): Promise<ProcessHandle | undefined> {
  return (await isRunning(identity)) ? new AdoptedProcess(identity, clock) : undefined
}

class AdoptedProcess implements ProcessHandle {
  readonly pid: number
  readonly ended: Promise<ProcessEnd>
  readonly #identity: ProcessIdentity

  constructor(identity: ProcessIdentity, clock: Clock) {
    this.pid = identity.pid
    this.#identity = identity
    this.ended = this.#watch(clock)
  }

  signal(signal: NodeJS.Signals): void {
    void this.#signal(signal)
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    if (await isRunning(this.#identity)) trySignal(this.pid, signal)
  }

  async #watch(clock: Clock): Promise<ProcessEnd> {
    while (await isRunning(this.#identity)) await sleep(clock, pollMs)
    return { status: 'ended', exitCode: undefined }
  }
}

/** The identity of a process that was just started, also when it ended at once. */
export async function identify(pid: number): Promise<ProcessIdentity> {
  return (await tryIdentify(pid)) ?? { pid, started: 'ended' }
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // it ended meanwhile
  }
}
