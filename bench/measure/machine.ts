/** What the machine is, and how busy others keep it. Everything is read from /proc where there is
 *  one; elsewhere the unknown facts are absent rather than guessed. */
import { readFileSync } from 'node:fs'
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'

export type MachineFacts = {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly kernel: string
  readonly node: string
}

/** How busy the machine was just before a round. `pressure` is the share of the last ten seconds in
 *  which some task waited for a core (Linux PSI), in percent. */
export type Busyness = { readonly load1: number; readonly pressure?: number }

export function machineFacts(): MachineFacts {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    // Not availableParallelism: the runner has pinned itself by now.
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${arch()}`,
    kernel: release(),
    node: process.versions.node,
  }
}

export function busyness(): Busyness {
  const load1 = Math.round((loadavg()[0] ?? 0) * 100) / 100
  const some = /some avg10=([\d.]+)/.exec(tryRead('/proc/pressure/cpu') ?? '')?.[1]
  return some === undefined ? { load1 } : { load1, pressure: Number(some) }
}

/** Resident memory of a process in MB (10^6 bytes); undefined where /proc is absent. */
export function residentMb(pid: number): number | undefined {
  const kib = /VmRSS:\s+(\d+) kB/.exec(tryRead(`/proc/${pid}/status`) ?? '')?.[1]
  return kib === undefined ? undefined : Math.round((Number(kib) * 1024) / 1e5) / 10
}

/** CPU seconds used by one living process, itself only. */
export function cpuSecondsOf(pid: number): number | undefined {
  const times = processTicks(pid)
  return times === undefined ? undefined : times.own / ticksPerSecond
}

/** Measures how many cores' worth of CPU processes other than ours used between two moments. */
export class ForeignCpu {
  readonly #pids: readonly number[]
  readonly #startedMs = performance.now()
  readonly #busy: number | undefined
  readonly #ours: number

  /** @param pids  our living children; those that start and end in between are counted by
   *  themselves, through the runner that waits for them. */
  constructor(pids: readonly number[]) {
    this.#pids = pids
    this.#busy = machineTicks()
    this.#ours = this.#ourTicks()
  }

  /** Cores used by others since the start; undefined where /proc is absent. Requires: the children
   *  given to the constructor still live. */
  cores(): number | undefined {
    const busy = machineTicks()
    if (busy === undefined || this.#busy === undefined) return undefined
    const seconds = (performance.now() - this.#startedMs) / 1000
    const foreign = busy - this.#busy - (this.#ourTicks() - this.#ours)
    return Math.max(0, Math.round((foreign / ticksPerSecond / seconds) * 100) / 100)
  }

  #ourTicks(): number {
    const runner = processTicks(process.pid)
    let ticks = runner === undefined ? 0 : runner.own + runner.endedChildren
    for (const pid of this.#pids) ticks += processTicks(pid)?.own ?? 0
    return ticks
  }
}

// USER_HZ, fixed at 100 in the ABI of every Linux that Node runs on.
const ticksPerSecond = 100

function machineTicks(): number | undefined {
  const line = tryRead('/proc/stat')?.split('\n', 1)[0]
  if (line === undefined) return undefined
  // user nice system idle iowait irq softirq steal: all but idle and iowait are busy.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return user + nice + system + irq + softirq + steal
}

function processTicks(pid: number): { own: number; endedChildren: number } | undefined {
  const stat = tryRead(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The second field is a name in parentheses which may hold spaces; the numbers follow it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = (index: number): number => Number(fields[index] ?? 0)
  return { own: field(11) + field(12), endedChildren: field(13) + field(14) }
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
