import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createSystemClock, sleep } from 'banyan/kernel'

const clock = createSystemClock()
const readyMs = 10_000

/** A Redis that carries the shop's events, and can be killed. */
export class Broker implements AsyncDisposable {
  readonly url: string
  readonly #port: number
  readonly #folder: string
  #process: ChildProcess | undefined

  private constructor(port: number, folder: string) {
    this.#port = port
    this.#folder = folder
    this.url = `redis://127.0.0.1:${port}?accept-one-second=true`
  }

  static async start(port: number): Promise<Broker> {
    const broker = new Broker(port, await mkdtemp(path.join(tmpdir(), 'banyan-broker-')))
    await broker.restart()
    return broker
  }

  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
    child.kill('SIGKILL')
    await ended
  }

  /** On the data that it left. @throws when it does not answer within 10 s */
  async restart(): Promise<void> {
    const listen = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#folder]
    const keep = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '']
    this.#process = spawn('redis-server', [...listen, ...keep], { stdio: 'ignore' })
    const endMs = clock.monotonicMs() + readyMs
    while (!(await answers(this.#port))) {
      if (clock.monotonicMs() > endMs) throw new Error('redis-server does not answer')
      await sleep(clock, 50)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
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
