/** A real Redis on loopback, with a port and a data folder of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, createSystemClock, sleep } from '../../kernel/index.ts'

export const clock: Clock = createSystemClock()

const binary = 'redis-server'
const isInstalled = ((): boolean => {
  try {
    execFileSync(binary, ['--version'], { timeout: 10_000, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** The options of a test that needs Redis: skipped where there is none, unless engines are required. */
export const redis: { readonly skip?: string } = isInstalled
  ? {}
  : { skip: 'redis is not installed: npm run engines' }
if (!isInstalled && process.env['BANYAN_REQUIRE_ENGINES'] === '1') throw new Error(redis.skip)

const startMs = 10_000

/** Settings that lose nothing. */
export const durable: Readonly<Record<string, string>> = {
  appendonly: 'yes',
  appendfsync: 'always',
  save: '',
}

export class TestRedis implements AsyncDisposable {
  readonly #folder: string
  readonly #port: number
  readonly #settings: Readonly<Record<string, string>>
  #process: ChildProcess | undefined
  #applications = 0

  private constructor(folder: string, port: number, settings: Readonly<Record<string, string>>) {
    this.#folder = folder
    this.#port = port
    this.#settings = settings
  }

  static async start(settings: Readonly<Record<string, string>> = durable): Promise<TestRedis> {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-redis-'))
    const server = new TestRedis(folder, await freePort(), settings)
    try {
      await server.restart()
      return server
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  /** A name that no other check uses. */
  nextApplication(): string {
    this.#applications++
    return `app${this.#applications}`
  }

  /** Ends the server without a warning. */
  async kill(): Promise<void> {
    const ended = this.#process
    this.#process = undefined
    if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return
    const exited = once(ended, 'exit')
    ended.kill('SIGKILL')
    await exited
  }

  /** Starts it on what it had; resolves when it takes connections. */
  async restart(settings: Readonly<Record<string, string>> = this.#settings): Promise<void> {
    const own = { port: String(this.#port), bind: '127.0.0.1', dir: this.#folder, ...settings }
    const args = Object.entries(own).flatMap(([name, value]) => [`--${name}`, value])
    this.#process = spawn(binary, args, { stdio: 'ignore' })
    const endMs = clock.monotonicMs() + startMs
    while (!(await answers(this.#port))) {
      if (clock.monotonicMs() > endMs) throw new Error('redis did not start')
      await sleep(clock, 20)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** A port that nobody listens on at this moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Whether it has loaded its data. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<boolean>()
  socket.once('connect', () => socket.write('PING\r\n'))
  socket.once('data', (data) => resolve(data.toString('latin1').startsWith('+PONG')))
  socket.once('error', () => resolve(false))
  socket.once('close', () => resolve(false))
  const isReady = await promise
  socket.destroy()
  return isReady
}
