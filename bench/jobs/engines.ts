/** The servers that the contenders share, each on loopback with data of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestServer } from 'banyan/testing'
import { pauseMs } from '../measure/child.ts'

/** A PostgreSQL that syncs every commit, and a fresh database for each contender. */
export class PostgresEngine implements AsyncDisposable {
  readonly #server: TestServer
  readonly #folder: string

  private constructor(server: TestServer, folder: string) {
    this.#server = server
    this.#folder = folder
  }

  static async start(): Promise<PostgresEngine> {
    const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-postgres-'))
    return new PostgresEngine(await TestServer.acquire(folder, 'full'), folder)
  }

  /** @returns its URL */
  async createDatabase(): Promise<string> {
    const name = this.#server.nextName()
    const connection = await this.#server.server.connect()
    await new Promise<void>((resolve, reject) => {
      connection.send({
        ...{ text: `create database "${name}"`, name: undefined, isScript: false, values: [] },
        succeed: () => resolve(),
        fail: (problem) => reject(new Error(problem.message)),
      })
    })
    await connection.close()
    return this.#server.urlOf(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.release()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** A Redis that appends to its file, synced each second or at each write. */
export class RedisEngine implements AsyncDisposable {
  readonly port: number
  readonly #process: ChildProcess
  readonly #folder: string

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.port = port
    this.#process = child
    this.#folder = folder
  }

  /** @returns undefined where there is no redis-server */
  static async start(sync: 'everysec' | 'always'): Promise<RedisEngine | undefined> {
    const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-redis-'))
    const port = await freePort()
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
    const sure = ['--appendonly', 'yes', '--appendfsync', sync]
    const child = spawn('redis-server', [...args, ...sure], { stdio: 'ignore' })
    const failed = new Promise<true>((resolve) => void child.once('error', () => resolve(true)))
    const engine = new RedisEngine(port, child, folder)
    for (let turn = 0; turn < 200; turn++) {
      if (await Promise.race([failed, pauseMs(25).then(() => false)])) return undefined
      if (await answers(port)) return engine
    }
    await engine[Symbol.asyncDispose]()
    throw new Error('redis-server did not answer within 5 s')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise<void>((resolve) => void this.#process.once('exit', () => resolve()))
    if (this.#process.exitCode === null && this.#process.kill('SIGTERM')) await ended
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
