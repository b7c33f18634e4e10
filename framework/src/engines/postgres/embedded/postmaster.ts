import { spawn } from 'node:child_process'
import { openSync, closeSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import type { Clock } from '../../../kernel/index.ts'
import { processEnvironment, runCommand } from './command.ts'
import type { Binaries } from './binaries.ts'
import type { Launcher } from './account.ts'
import { endPostmaster } from './shutdown.ts'

/** How the server's process ended. */
export interface PostmasterExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Why it could not even be started; undefined when it was. */
  readonly cause: string | undefined
}

export interface PostmasterOptions {
  readonly clock: Clock
  readonly launcher: Launcher
  readonly binaries: Binaries
  readonly data: string
  /** Words after the program. */
  readonly args: readonly string[]
  readonly logFile: string
  /** The file that is our lock; the watchdog removes it when we are gone and the server has ended. */
  readonly holderFile: string
}

/** The shell forks a watchdog and becomes the server, so the server is our own child by its id.
 *  Descriptor 3 is a pipe that we hold: when we die, even by SIGKILL, the watchdog reads its end,
 *  stops the server as we would, and removes our lock. A line instead means that the server has
 *  ended and its id may belong to another. The watchdog is forked twice because the server would
 *  wonder at a child that it does not know. */
const watchdogScript = `
server=$$ holder=$1
shift
( (
  trap '' INT HUP TERM QUIT
  read -r _ <&3 && exit 0
  for signal in INT QUIT KILL; do
    kill -$signal $server || break
    waited=0
    while [ $waited -lt 200 ] && kill -0 $server; do
      sleep 0.05 || sleep 1
      waited=$((waited + 1))
    done
  done
  rm -f "$holder"
  rmdir "\${holder%/*}"
) >/dev/null 2>&1 & )
exec "$@" 3<&-
`

/** A running server process and the watchdog beside it.
 *  It leads its own session: Ctrl-C in the terminal reaches us alone, and we stop it when drained.
 *  It does not keep our process alive. */
export class Postmaster {
  readonly pid: number
  readonly exited: Promise<PostmasterExit>
  readonly #options: PostmasterOptions
  readonly #lifeline: Readable | Writable | null | undefined
  readonly #kill: (signal: NodeJS.Signals) => void
  #exit: PostmasterExit | undefined

  constructor(options: PostmasterOptions) {
    this.#options = options
    const child = spawnServer(options)
    this.pid = child.pid ?? -1
    this.#lifeline = child.stdio[3]
    this.#kill = (signal) => void child.kill(signal)
    const { promise, resolve } = Promise.withResolvers<PostmasterExit>()
    this.exited = promise
    const finish = (exit: PostmasterExit): void => {
      this.#exit ??= exit
      this.#standDown()
      resolve(this.#exit)
    }
    child.once('exit', (code, signal) => finish({ code, signal, cause: undefined }))
    child.once('error', (error) => finish({ code: null, signal: null, cause: error.message }))
    child.unref()
    unrefStream(this.#lifeline)
  }

  /** Undefined while it runs. */
  get exit(): PostmasterExit | undefined {
    return this.#exit
  }

  /** Ends the server: fast, then immediate, then by force. Idempotent.
   *  @returns whether it has ended. */
  async end(fastTimeoutMs: number): Promise<boolean> {
    return endPostmaster({
      clock: this.#options.clock,
      fastTimeoutMs,
      hasEnded: () => this.#exit !== undefined,
      send: (signal) => void this.#send(signal),
    })
  }

  async #send(signal: NodeJS.Signals): Promise<void> {
    if (process.platform !== 'win32' || signal === 'SIGKILL') return this.#kill(signal)
    // Windows has no signals: pg_ctl asks through the server's own pipe.
    const { launcher, binaries, data, clock } = this.#options
    const mode = signal === 'SIGINT' ? 'fast' : 'immediate'
    const command = [binaries.pgCtl, 'stop', '-D', data, '-m', mode, '--no-wait']
    await runCommand(launcher, command, { clock, timeoutMs: 5_000 })
  }

  #standDown(): void {
    const lifeline = this.#lifeline
    if (lifeline !== null && lifeline !== undefined && 'end' in lifeline) lifeline.end('\n')
  }
}

function spawnServer(options: PostmasterOptions): ReturnType<typeof spawn> {
  const { launcher, binaries } = options
  const server = [binaries.postgres, '-D', options.data, ...options.args]
  const watched = ['/bin/sh', '-c', watchdogScript, 'banyan-postgres']
  const windows = process.platform === 'win32'
  const wrapper = windows ? [] : [...watched, options.holderFile]
  const [program = '', ...args] = [...launcher.prefix, ...wrapper, ...server]
  const log = openSync(options.logFile, 'a')
  try {
    return spawn(program, args, {
      ...launcher.credentials,
      ...(processEnvironment === undefined ? {} : { env: processEnvironment }),
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log, windows ? 'ignore' : 'pipe'],
      windowsHide: true,
    })
  } finally {
    closeSync(log)
  }
}

function unrefStream(stream: Readable | Writable | null | undefined): void {
  if (stream === null || stream === undefined) return
  stream.on('error', () => undefined)
  if ('unref' in stream && typeof stream.unref === 'function') stream.unref()
}
