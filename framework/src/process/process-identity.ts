import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** A process, told apart from a later one that was given the same id. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it was started, in the operating system's own notation; empty where that is unknown. */
  readonly started: string
}

const run = promisify(execFile)

/** The identity of a running process, or undefined when none has this id. A zombie counts as ended:
 *  it holds nothing, and in a container nobody may ever collect it. */
export async function tryIdentify(pid: number): Promise<ProcessIdentity | undefined> {
  if (!exists(pid)) return undefined
  if (process.platform === 'win32') return { pid, started: '' }
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid)
}

/** Whether that very process still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const current = await tryIdentify(identity.pid)
  if (current === undefined) return false
  return identity.started === '' || current.started === '' || current.started === identity.started
}

/** The command line of a process; empty when it has ended or hides it. */
export async function readCommandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return raw.replaceAll('\0', ' ')
  }
  return readPs(pid, 'command=')
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** The start time is in ticks since boot, so the boot's id belongs to it. */
async function identifyByProc(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The second field is the command in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, ticks] = [fields[0], fields[19]]
  if (ticks === undefined || state === 'Z' || state === 'X') return undefined
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return { pid, started: `${boot.trim()}:${ticks}` }
}

async function identifyByPs(pid: number): Promise<ProcessIdentity | undefined> {
  const line = await readPs(pid, 'stat=,lstart=')
  if (line === '' || line.startsWith('Z')) return undefined
  return { pid, started: line.replace(/^\S+\s+/, '') }
}

async function readPs(pid: number, format: string): Promise<string> {
  const options = { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, timeout: 5_000 }
  const result = await run('ps', ['-o', format, '-p', String(pid)], options).catch(() => undefined)
  return result === undefined ? '' : result.stdout.trim()
}
