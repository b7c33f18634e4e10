/** Fixtures of the tests of supervisors; nothing else imports them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSystemClock } from '../kernel/index.ts'
import type { InstanceAddress } from '../remote/index.ts'
import type { Plan, PlannedService } from '../topology/index.ts'
import { askSupervisor } from './control-client.ts'
import type { SupervisorEvent } from './event.ts'
import type { Request } from './message.ts'
import type { PlannedSystem } from './planned-system.ts'
import type { ProcessTable } from './process-row.ts'
import { type RunFolder, runFolderAt } from './run-folder.ts'
import type { SupervisorLimits } from './supervisor-limits.ts'

const supervise = fileURLToPath(new URL('supervise.fixture.ts', import.meta.url))
const nodeFlags = ['--conditions=source', '--disable-warning=ExperimentalWarning']
const timeoutMs = 30_000

/** A service of a test's plan; one instance with every role unless given. */
export function service(name: string, given: Partial<PlannedService> = {}): PlannedService {
  return {
    ...{ name, modules: [name], runs: ['schedules'], instances: 1, inFlightMax: 64 },
    pool: { readers: 1, transactions: 1 },
    ...given,
  }
}

/** A plan of tests: instances drain in an instant, and ports are picked. */
export function plannedSystem(
  topology: string,
  plan: Partial<Plan>,
  given: Partial<PlannedSystem> = {},
): PlannedSystem {
  return {
    plan: {
      format: 1,
      application: 'library',
      topology,
      services: [service('edge', { runs: ['http'], modules: [] }), service('sales')],
      database: undefined,
      calls: { carrier: 'frames', transport: 'unix', mtls: false, connections: 1 },
      gateway: undefined,
      listen: { host: '127.0.0.1', port: 0 },
      drain: { noticeMs: 20, deadlineMs: 500 },
      timeouts: { clientMs: 4_000, gatewayMs: 3_000, operationMs: 2_000 },
      origins: {},
      ...plan,
    },
    calls: { edge: ['sales'] },
    tables: [],
    companions: [],
    database: '',
    ...given,
  }
}

/** The gateway of a test's plan. */
export const gateway: NonNullable<Plan['gateway']> = {
  engine: 'haproxy',
  retries: true,
  checkEveryMs: 1_000,
  connectionsMax: 100,
}

/** A folder of local state, gone when disposed. */
export class StateFolder implements Disposable {
  readonly root: string = mkdtempSync(path.join(tmpdir(), 'banyan-cluster-'))

  get run(): RunFolder {
    return runFolderAt(this.root)
  }

  /** Makes processes of these places misbehave from their next start on. */
  behave(behaviour: Readonly<Record<string, string>>): void {
    writeFileSync(path.join(this.root, 'behaviour.json'), JSON.stringify(behaviour))
  }

  read(file: string): unknown {
    return JSON.parse(readFileSync(path.join(this.root, file), 'utf8'))
  }

  /** The ids that the instances of a circle see. */
  directory(circle: number = 1): readonly string[] {
    const { instances } = this.read(`run/directory-${circle}.json`) as {
      readonly instances: readonly InstanceAddress[]
    }
    return instances.map(({ id }) => id)
  }

  [Symbol.dispose](): void {
    rmSync(this.run.sockets, { recursive: true, force: true })
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

/** A supervisor as a process. */
export class SupervisorProcess implements AsyncDisposable {
  readonly events: (
    | SupervisorEvent
    | { readonly type: 'failed'; readonly error: { code: string } }
  )[]
  readonly ended: Promise<number | null>
  readonly pid: number
  readonly #child: ChildProcess
  readonly #state: StateFolder
  readonly #waiting = new Set<() => void>()
  #rest = ''
  #isEnded = false

  constructor(state: StateFolder, system: PlannedSystem, limits: Partial<SupervisorLimits> = {}) {
    this.events = []
    this.#state = state
    const quick = { graceMs: 1_500, startTimeoutMs: 15_000, keeperStopTimeoutMs: 1_000, ...limits }
    const input = { stateFolder: state.root, system, limits: { stopMarginMs: 300, ...quick } }
    const args = [...nodeFlags, supervise, JSON.stringify(input)]
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.pid = this.#child.pid ?? -1
    this.#child.stdout?.on('data', (text) => this.#hear(String(text)))
    const force = setTimeout(() => this.signal('SIGKILL'), timeoutMs)
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        clearTimeout(force)
        this.#isEnded = true
        this.#wake()
        resolve(code)
      })
    })
  }

  /** Resolves with the first event that matches; past ones count. @throws when the process ends first */
  async see<Type extends SupervisorEvent['type'] | 'failed'>(
    type: Type,
    matches: (
      event: Extract<SupervisorProcess['events'][number], { type: Type }>,
    ) => boolean = () => true,
  ): Promise<Extract<SupervisorProcess['events'][number], { type: Type }>> {
    type Wanted = Extract<SupervisorProcess['events'][number], { type: Type }>
    for (;;) {
      const found = this.events.find((event): event is Wanted => {
        return event.type === type && matches(event as Wanted)
      })
      if (found !== undefined) return found
      if (this.#isEnded) throw new Error(`no ${type} in ${JSON.stringify(this.events, null, 1)}`)
      await new Promise<void>((resolve) => void this.#waiting.add(resolve))
    }
  }

  /** Forgets what happened so far. */
  forget(): void {
    this.events.length = 0
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async stop(): Promise<number | null> {
    this.signal('SIGTERM')
    return this.ended
  }

  ask(request: Request): Promise<unknown> {
    return askSupervisor(request, { folder: this.#state.run, clock: createSystemClock() })
  }

  async ps(): Promise<ProcessTable> {
    return (await this.ask({ type: 'request', command: 'ps' })) as ProcessTable
  }

  async pids(): Promise<Readonly<Record<string, number>>> {
    const { rows } = await this.ps()
    return Object.fromEntries(rows.map(({ id, pid }) => [id, pid ?? -1]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isEnded) {
      this.signal('SIGTERM')
      const force = setTimeout(() => this.signal('SIGKILL'), 5_000)
      await this.ended
      clearTimeout(force)
    }
    for (const pid of processesOf(this.#state)) killIfAlive(pid)
  }

  #hear(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.events.push(JSON.parse(line) as SupervisorEvent)
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

/** Processes with the folder in their command line, supervisors not counted; Linux only. */
export function processesOf(state: StateFolder): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      const command = readText(`/proc/${pid}/cmdline`)
      const isZombie = /^State:\s+Z/m.test(readText(`/proc/${pid}/status`))
      return command.includes('child.fixture.ts') && command.includes(state.root) && !isZombie
    })
    .map(Number)
}

/** Waits until something is true, at most `limitMs`. @returns whether it became true */
export async function becomes(
  limitMs: number,
  isTrue: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const endMs = performance.now() + limitMs
  for (;;) {
    if (await isTrue()) return true
    if (performance.now() > endMs) return false
    await new Promise<void>((resolve) => void setTimeout(resolve, 20))
  }
}

/** What answers at an address: `refused` when nobody listens there, `reset` when who listened closed. */
export async function askHttp(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { headers: { connection: 'close' } })
    return await answer.text()
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: string } }
    return cause?.code === 'ECONNREFUSED' ? 'refused' : 'reset'
  }
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
