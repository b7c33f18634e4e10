/** A nats-server of its own, for tests. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, createSystemClock, sleep } from '../../kernel/index.ts'
import { createNatsTransport, type NatsTransportOptions } from './index.ts'
import type { Transport } from '../../messages/index.ts'

export const clock: Clock = createSystemClock()

const places = ['nats-server', '/usr/sbin/nats-server', '/usr/local/bin/nats-server']
const startMs = 10_000

/** The options of a test that needs NATS: skipped where there is none, unless engines are required. */
export const natsServer: { readonly skip?: string } = await tryFind().then((found) => {
  if (found !== undefined) return {}
  const missing = 'nats-server is not installed: npm run engines'
  if (process.env['BANYAN_REQUIRE_ENGINES'] === '1') throw new Error(missing)
  return { skip: missing }
})

async function tryFind(): Promise<string | undefined> {
  for (const place of places) {
    const isThere = await new Promise<boolean>((resolve) => {
      execFile(place, ['--version'], { timeout: startMs }, (error) => resolve(error === null))
    })
    if (isThere) return place
  }
  return undefined
}

export interface ServerSettings {
  readonly jetstream?: boolean
  /** As the configuration of NATS says it. */
  readonly maxPayload?: string
}

/** A server on loopback with a folder of its own, which ends with the fixture. */
export class TestNats implements AsyncDisposable {
  readonly port: number
  readonly #folder: string
  #process: ChildProcess | undefined

  private constructor(port: number, folder: string) {
    this.port = port
    this.#folder = folder
  }

  static async start(settings: ServerSettings = {}): Promise<TestNats> {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-nats-'))
    const { jetstream = true, maxPayload = '2MB' } = settings
    const port = await freePort()
    const lines = [`listen: "127.0.0.1:${port}"`, `max_payload: ${maxPayload}`]
    if (jetstream) lines.push(`jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }`)
    await writeFile(join(folder, 'nats.conf'), lines.join('\n'))
    const server = new TestNats(port, folder)
    await server.restart()
    return server
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  /** A transport that is quick to take over, not open. */
  transport(options: Partial<NatsTransportOptions> = {}): Transport {
    return createNatsTransport({
      servers: [this.url],
      clock,
      acceptSyncInterval: true,
      leaseMs: 1_000,
      bytesMax: 64 * 1024 * 1024,
      ...options,
    })
  }

  async restart(): Promise<void> {
    const binary = await tryFind()
    const child = spawn(binary ?? 'nats-server', ['--config', join(this.#folder, 'nats.conf')], {
      stdio: 'ignore',
    })
    this.#process = child
    await until(() => accepts(this.port), 'nats-server listens')
  }

  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

export async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const endMs = clock.monotonicMs() + startMs
  while (!(await holds())) {
    if (clock.monotonicMs() > endMs) throw new Error(`not within ${startMs} ms: ${what}`)
    await sleep(clock, 25)
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.setTimeout(1_000, () => socket.destroy())
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('INFO'))
      socket.destroy()
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
