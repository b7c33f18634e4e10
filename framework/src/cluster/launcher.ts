import type { Clock, Random } from '../kernel/index.ts'
import { isRunning } from '../process/index.ts'
import { Child, type ChildOptions, type HealthLimits } from './child.ts'
import type { FromChild, ReadyReport } from './message.ts'
import type { LineChannel } from './line-channel.ts'
import { ordersVariable, type Orders, type Task } from './orders.ts'
import { identify, spawnProcess, tryAdoptProcess } from './process-handle.ts'
import type { RecordedChild } from './recorded-state.ts'
import { logFileOf, type RunFolder } from './run-folder.ts'

/** A program that does a task. */
export interface Program {
  /** The program and its arguments. */
  readonly command: readonly string[]
  readonly cwd: string
}

export interface LauncherOptions {
  readonly folder: RunFolder
  readonly clock: Clock
  readonly random: Random
  /** What the processes get besides their orders. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly programOf: (task: Task) => Program
  readonly health: HealthLimits
  /** How long a process goes on without a supervisor. */
  readonly graceMs: number
  /** Told what was learned of a process, so that it can be recorded. */
  readonly onLearned: () => void
}

/** What a launched process tells of. */
export type ChildEvents = Pick<ChildOptions, 'onReady' | 'onDraining' | 'onHung' | 'onMessage'>

interface Known {
  readonly child: Child
  record: RecordedChild
}

const secretBytes = 24

/** Starts and takes over processes, and knows which of them a connection belongs to. */
export class Launcher {
  readonly #options: LauncherOptions
  readonly #known = new Map<string, Known>()

  constructor(options: LauncherOptions) {
    this.#options = options
  }

  /** What a supervisor after this one needs to take the process over. */
  recordOf(child: Child): RecordedChild | undefined {
    const known = this.#known.get(child.id)
    return known?.child === child ? known.record : undefined
  }

  /** Makes the memory of a process before it exists: a supervisor that is killed between the two
   *  leaves no process that nobody knows of. */
  intend(id: string, plan: number): RecordedChild {
    const { random, clock } = this.#options
    const secret = random.bytes(secretBytes).toString('base64url')
    return { id, secret, plan, startedAtMs: clock.nowMs() }
  }

  /** Starts the process that was intended.
   *  @throws what the system says when it gives no process */
  launch(intended: RecordedChild, task: Task, events: ChildEvents): Child {
    const { folder, programOf, env, graceMs } = this.#options
    const { id, secret } = intended
    const lifeline = { control: folder.control, id, secret, graceMs }
    const orders: Orders = { lifeline, task, stateFile: folder.state }
    const handle = spawnProcess({
      ...programOf(task),
      env: { ...env, [ordersVariable]: JSON.stringify(orders) },
      logFile: logFileOf(folder, id),
    })
    const child = this.#keep({ ...intended, pid: handle.pid }, handle, events)
    void this.#identify(child)
    return child
  }

  /** Takes over a process that another supervisor started.
   *  @returns undefined when it has ended, or was never known to have begun */
  async tryAdopt(record: RecordedChild, events: ChildEvents): Promise<Child | undefined> {
    const { pid, started } = record
    if (pid === undefined || started === undefined || started === '') return undefined
    const handle = await tryAdoptProcess({ pid, started }, this.#options.clock)
    return handle === undefined ? undefined : this.#keep(record, handle, events)
  }

  /** A process says who it is. @returns undefined when nobody knows it, or it cannot prove it */
  greet(hello: Extract<FromChild, { type: 'hello' }>, channel: LineChannel): Child | undefined {
    const known = this.#known.get(hello.id)
    if (known === undefined || known.child.pid !== hello.pid) return undefined
    if (!known.child.isProvedBy(hello.secret)) return undefined
    known.child.connected(channel, hello.phase)
    return known.child
  }

  #keep(record: RecordedChild, handle: ChildOptions['handle'], events: ChildEvents): Child {
    const { clock, health } = this.#options
    const { id, secret, plan, report } = record
    const child = new Child({
      ...{ id, secret, plan, clock, handle, health },
      ...(report === undefined ? {} : { adopted: report }),
      ...events,
      onReady: (ready) => {
        this.#learn(child, { report: ready })
        events.onReady(ready)
      },
    })
    this.#known.set(id, { child, record })
    void child.ended.then(() => {
      if (this.#known.get(id)?.child === child) this.#known.delete(id)
    })
    return child
  }

  async #identify(child: Child): Promise<void> {
    const { started } = await identify(child.pid)
    this.#learn(child, { started })
  }

  #learn(child: Child, learned: { started?: string; report?: ReadyReport }): void {
    const known = this.#known.get(child.id)
    if (known?.child !== child) return
    known.record = { ...known.record, ...learned }
    this.#options.onLearned()
  }
}

/** Whether a recorded process still runs. */
export async function isAlive({ pid, started }: RecordedChild): Promise<boolean> {
  if (pid === undefined || started === undefined || started === '') return false
  return isRunning({ pid, started })
}
