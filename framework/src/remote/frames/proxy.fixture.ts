import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import type { Endpoint } from '../port.ts'

/** Debian keeps servers where the path of an ordinary user does not look. */
const folders = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']

export function findProxy(binary: string): string | undefined {
  const path = [...(process.env['PATH'] ?? '').split(delimiter), ...folders]
  return path.map((folder) => join(folder, binary)).find(isExecutable)
}

/** The options of a test that needs a program: it is skipped with a reason, or fails where engines are
 *  required. */
export function requireProxy(binary: string): { readonly skip?: string } {
  if (findProxy(binary) !== undefined) return {}
  const reason = `${binary} is not installed: npm run engines`
  if (process.env['BANYAN_REQUIRE_ENGINES'] === '1') throw new Error(reason)
  return { skip: reason }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A proxy that runs; disposing of it ends the process. */
export class Proxy implements AsyncDisposable {
  readonly endpoint: Endpoint
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, endpoint: Endpoint) {
    this.#child = child
    this.endpoint = endpoint
  }

  /** HAProxy in HTTP mode in front of an instance. */
  static async haproxy(folder: string, target: Endpoint): Promise<Proxy> {
    const port = await freePort()
    const server = target.kind === 'unix' ? `unix@${target.path}` : `${target.host}:${target.port}`
    const file = join(folder, 'haproxy.cfg')
    writeFileSync(
      file,
      `defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
  timeout tunnel 60s
frontend all
  bind 127.0.0.1:${port}
  default_backend instances
backend instances
  server one ${server}
`,
    )
    return Proxy.#start('haproxy', ['-db', '-f', file], port)
  }

  static async #start(binary: string, args: readonly string[], port: number): Promise<Proxy> {
    const path = findProxy(binary)
    if (path === undefined) throw new Error(`no ${binary}`)
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    for (let tries = 0; !(await answers(port)); tries++) {
      if (tries > 200 || child.exitCode !== null)
        throw new Error(`${binary} did not start: ${said}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return new Proxy(child, { kind: 'tcp', host: '127.0.0.1', port })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => void server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
