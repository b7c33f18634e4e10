/** Starts processes that work on the yard's messages, and databases that they share. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type TestApplication, TestServer } from '../testing/index.ts'
import type { Safety } from './run-message.ts'
import type { WorkerLimits } from './worker.ts'
import { openYard, until } from './yard.fixture.ts'

export interface YardSettings {
  /** Written with each effect. */
  readonly by: string
  readonly limits?: Partial<WorkerLimits>
  readonly safety?: Partial<Safety>
  readonly messages?: boolean
  /** What its wall clock is wrong by. */
  readonly skewMs?: number
  /** With it a watchdog ends it when it is stuck. */
  readonly stuckMs?: number
  /** Of its heap, in MB; not limited unless given. */
  readonly memoryMbMax?: number
}

const program = fileURLToPath(new URL('./yard-process.fixture.ts', import.meta.url))
/** No test lets a process live for longer. */
const livesMsMax = 90_000

export class YardProcess {
  readonly child: ChildProcess
  output = ''
  readonly ended: Promise<void>

  constructor(url: string, settings: YardSettings) {
    const { memoryMbMax } = settings
    const heap = memoryMbMax === undefined ? [] : [`--max-old-space-size=${memoryMbMax}`]
    const options = ['--conditions=source', '--disable-warning=ExperimentalWarning', ...heap]
    this.child = spawn(process.execPath, [...options, program, url, JSON.stringify(settings)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const note = (chunk: Buffer): void => void (this.output += chunk.toString())
    this.child.stdout?.on('data', note)
    this.child.stderr?.on('data', note)
    const guard = setTimeout(() => this.child.kill('SIGKILL'), livesMsMax)
    this.ended = once(this.child, 'close').then(() => clearTimeout(guard))
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** Resolves when it has said `text`. */
  async said(text: string, deadlineMs: number = 20_000): Promise<void> {
    await until(() => this.output.includes(text) || !this.isAlive, deadlineMs)
    if (!this.output.includes(text)) throw new Error(`it ended: ${this.output.slice(-2_000)}`)
  }

  async kill(): Promise<void> {
    this.child.kill('SIGCONT')
    this.child.kill('SIGKILL')
    await this.ended
  }
}

/** A database of the yard whose work is done by processes: this one only asks, tells and looks. */
export class YardDatabase implements AsyncDisposable {
  readonly app: TestApplication
  readonly #server: TestServer
  readonly #processes = new Set<YardProcess>()

  private constructor(app: TestApplication, server: TestServer) {
    this.app = app
    this.#server = server
  }

  static async open(): Promise<YardDatabase> {
    const server = await TestServer.acquire()
    return new YardDatabase(await openYard({}, { messages: false }), server)
  }

  start(settings: YardSettings): YardProcess {
    const started = new YardProcess(this.#server.urlOf(this.app.server.database), settings)
    this.#processes.add(started)
    return started
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#processes].map((one) => one.kill()))
    await this.app[Symbol.asyncDispose]()
    await this.#server.release()
  }
}
