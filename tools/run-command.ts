import { spawn } from 'node:child_process'
import { dirname } from 'node:path'

/** What became of a command: `code` is undefined when it was killed (timeout) or never started. */
export interface CommandResult {
  readonly code: number | undefined
  /** Standard output and standard error in the order of arrival. */
  readonly output: string
  readonly durationMs: number
  readonly timedOut: boolean
}

export interface CommandOptions {
  readonly cwd: string
  /** The command is killed after this time. */
  readonly timeoutMs: number
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Called with each piece of output; for commands whose progress a person watches. */
  readonly onOutput?: (text: string) => void
}

/** Runs a command without a shell and without standard input, bounded in time. Children find the Node
 *  that runs this process first, so that no check falls back to the system's older one. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const startedMs = performance.now()
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(command, [...args], {
      cwd: options.cwd,
      env: { ...process.env, PATH: path, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // Not spawn's own `timeout`: its timer keeps the process alive when the command cannot be started.
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, options.timeoutMs)
    const take = (chunk: Buffer): void => {
      const text = chunk.toString('utf8')
      output += text
      options.onOutput?.(text)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    const finish = (code: number | undefined): void => {
      clearTimeout(timer)
      resolve({ code, output, durationMs: performance.now() - startedMs, timedOut })
    }
    child.once('error', (error) => {
      output += `${command}: ${error.message}\n`
      finish(undefined)
    })
    child.once('close', (code) => finish(code ?? undefined))
  })
}
