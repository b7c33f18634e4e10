import { spawn } from 'node:child_process'
import type { Clock } from '../../../kernel/index.ts'
import type { Launcher } from './account.ts'

const outputCharsMax = 16_384

export interface CommandOptions {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly input?: string
}

export interface CommandResult {
  /** 0 is success; −1 when it could not be started, was ended by a signal or by the time-out. */
  readonly code: number
  /** Standard output and error together, the last 16 KiB. */
  readonly output: string
}

/** The environment of every process of ours: nothing of the caller's (PGDATA, PGOPTIONS, LANG, …)
 *  may change what the server does. Windows cannot start programs without its own variables. */
export const processEnvironment: NodeJS.ProcessEnv | undefined =
  process.platform === 'win32'
    ? undefined
    : { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' }

/** Runs one short program to its end, never longer than `timeoutMs`. */
export function runCommand(
  launcher: Launcher,
  command: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const [program = '', ...args] = [...launcher.prefix, ...command]
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...launcher.credentials,
      ...(processEnvironment === undefined ? {} : { env: processEnvironment }),
      cwd: '/',
      stdio: 'pipe',
    })
    let output = ''
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-outputCharsMax)
    }
    const timer = options.clock.after(options.timeoutMs, () => {
      output += `\n(ended after ${Math.round(options.timeoutMs)} ms)`
      child.kill('SIGKILL')
    })
    const finish = (code: number): void => {
      timer.stop()
      resolve({ code, output: output.trim() })
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', (error) => {
      output += error.message
      finish(-1)
    })
    child.once('close', (code) => finish(code ?? -1))
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}
