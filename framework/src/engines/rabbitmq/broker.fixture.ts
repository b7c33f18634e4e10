/** A real RabbitMQ on loopback, with ports, a node name, a data folder and an epmd of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { tmpdir } from 'node:os'
import { type Clock, createSystemClock, sleep } from '../../kernel/index.ts'

export const clock: Clock = createSystemClock()

/** Debian's script on the PATH changes the account; the one that it calls does not. */
const folders = [
  '/usr/lib/rabbitmq/bin',
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/local/sbin',
  '/opt/homebrew/sbin',
  '/opt/homebrew/opt/rabbitmq/sbin',
]
const binaryOf = (name: string): string | undefined =>
  folders.map((folder) => join(folder, name)).find((path) => existsSync(path))

const server = binaryOf('rabbitmq-server')
const epmd = binaryOf('epmd')
const isMissing = server === undefined || epmd === undefined

/** The options of a test that needs RabbitMQ: skipped where there is none, unless engines are required. */
export const rabbitmq: { readonly skip?: string } = isMissing
  ? { skip: 'rabbitmq is not installed: npm run engines' }
  : {}
if (isMissing && process.env['BANYAN_REQUIRE_ENGINES'] === '1') throw new Error(rabbitmq.skip)

const bootMs = 45_000

/** One server for a whole file: it takes seconds to start. */
export class TestBroker implements AsyncDisposable {
  readonly #folder: string
  readonly #settings: NodeJS.ProcessEnv
  readonly #ports: { readonly amqp: number; readonly dist: number; readonly epmd: number }
  #epmd: ChildProcess | undefined
  #server: ChildProcess | undefined
  #applications = 0

  private constructor(
    folder: string,
    [amqp = 0, dist = 0, mapper = 0]: readonly number[],
    settings: NodeJS.ProcessEnv,
  ) {
    this.#folder = folder
    this.#settings = settings
    this.#ports = { amqp, dist, epmd: mapper }
  }

  /** @param settings  More of the server's environment. */
  static async start(settings: NodeJS.ProcessEnv = {}): Promise<TestBroker> {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-rabbitmq-'))
    const broker = new TestBroker(folder, await freePorts(3), settings)
    try {
      await broker.#prepare()
      await broker.restart()
      return broker
    } catch (error) {
      await broker[Symbol.asyncDispose]()
      throw error
    }
  }

  get url(): string {
    return `amqp://guest:guest@127.0.0.1:${this.#ports.amqp}`
  }

  /** A name that no other check uses. */
  nextApplication(): string {
    this.#applications++
    return `app${this.#applications}`
  }

  /** Ends the server without a warning. */
  async kill(): Promise<void> {
    await this.#end()
  }

  /** Starts it on what it had; resolves when it takes connections. */
  async restart(): Promise<void> {
    if (server === undefined) throw new Error(rabbitmq.skip)
    this.#server = spawn(server, [], {
      cwd: this.#folder,
      stdio: 'ignore',
      env: this.#environment(),
    })
    const endMs = clock.monotonicMs() + bootMs
    while (!(await answersAmqp(this.#ports.amqp))) {
      if (clock.monotonicMs() > endMs || this.#server.exitCode !== null) {
        throw new Error(`rabbitmq did not start:\n${await this.#log()}`)
      }
      await sleep(clock, 100)
    }
  }

  /** The script that was started waits for the server, whose id it has written down. */
  async #end(): Promise<void> {
    const started = this.#server
    this.#server = undefined
    if (started === undefined || started.exitCode !== null || started.signalCode !== null) return
    const ended = once(started, 'exit')
    const id = Number(await readFile(this.#pidFile, 'utf8').catch(() => ''))
    if (id > 0) process.kill(id, 'SIGKILL')
    else started.kill('SIGKILL')
    await ended
    await rm(this.#pidFile, { force: true })
  }

  get #pidFile(): string {
    return join(this.#folder, 'pid')
  }

  async #prepare(): Promise<void> {
    await mkdir(join(this.#folder, 'data'))
    await mkdir(join(this.#folder, 'logs'))
    await writeFile(join(this.#folder, 'plugins'), '[].\n')
    await writeFile(
      join(this.#folder, 'rabbitmq.conf'),
      'vm_memory_high_watermark.absolute = 1GB\n',
    )
    if (epmd === undefined) throw new Error(rabbitmq.skip)
    // in the foreground: one that the server starts would outlive the test
    this.#epmd = spawn(epmd, ['-port', String(this.#ports.epmd), '-address', '127.0.0.1'], {
      stdio: 'ignore',
      env: this.#environment(),
    })
    await once(this.#epmd, 'spawn')
  }

  #environment(): NodeJS.ProcessEnv {
    const { amqp, dist, epmd: mapper } = this.#ports
    return {
      ...this.#settings,
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      HOME: this.#folder,
      ERL_EPMD_PORT: String(mapper),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: `banyan${amqp}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(amqp),
      RABBITMQ_DIST_PORT: String(dist),
      RABBITMQ_MNESIA_BASE: join(this.#folder, 'data'),
      RABBITMQ_LOG_BASE: join(this.#folder, 'logs'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(this.#folder, 'plugins'),
      RABBITMQ_CONFIG_FILE: join(this.#folder, 'rabbitmq.conf'),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_PID_FILE: this.#pidFile,
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
        '+S 2:2 +sbwt none -start_epmd false -kernel inet_dist_use_interface {127,0,0,1}',
    }
  }

  async #log(): Promise<string> {
    const folder = join(this.#folder, 'logs')
    const files = await readdir(folder)
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
    return texts.join('\n').slice(-4_000)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end()
    await end(this.#epmd)
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Ports that nobody listens on at this moment. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((each) => once(each, 'listening')))
  const ports = servers.map((each) => {
    const address = each.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  for (const each of servers) each.close()
  return ports
}

/** Whether it speaks: a port that is only open is not ready yet. */
async function answersAmqp(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<boolean>()
  socket.once('connect', () => socket.write('AMQP\u0000\u0000\u0009\u0001'))
  socket.once('data', () => resolve(true))
  socket.once('error', () => resolve(false))
  socket.once('close', () => resolve(false))
  socket.setTimeout(2_000, () => resolve(false))
  const isReady = await promise
  socket.destroy()
  return isReady
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
