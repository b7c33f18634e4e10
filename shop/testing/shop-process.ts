import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { createSystemClock } from 'banyan/kernel'

export interface ShopProcessOptions {
  /** The database of another process; without it the shop has an embedded one in `folder`. */
  readonly databaseUrl?: string
  /** Where its local state lives. */
  readonly folder?: string
  readonly pspUrl: string
  /** `checkout.reserve.after=kill@2`, or nothing. */
  readonly faults?: string
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Signs the tokens of customers in crash tests, before and after a restart. */
export const crashTestSecret = 'a secret for crash tests that is known to everybody'

const cli = new URL('../../framework/src/cli/main.ts', import.meta.url).pathname
const folder = new URL('..', import.meta.url).pathname
const startTimeoutMs = 20_000

/** The shop as an operator runs it, `banyan start shop`, in a process that may be killed. */
export class ShopProcess implements AsyncDisposable {
  readonly url: string
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess

  constructor(child: ChildProcess, url: string, exited: Promise<Exit>) {
    this.#child = child
    this.url = url
    this.exited = exited
  }

  /** Ends the process as the kernel's OOM killer would. */
  async kill(): Promise<Exit> {
    this.#child.kill('SIGKILL')
    return this.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}

/** Starts the shop and waits until it listens. Its recovery is impatient.
 *  @throws when it ends before, with what it logged */
export async function startShopProcess(options: ShopProcessOptions): Promise<ShopProcess> {
  const args = ['--conditions=source', '--disable-warning=ExperimentalWarning', cli]
  const child = spawn(process.execPath, [...args, 'start', folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environmentOf(options),
  })
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  const impatience = createSystemClock().after(startTimeoutMs, () => child.kill('SIGKILL'))
  const url = await firstUrl(child)
  impatience.stop()
  if (url !== undefined) return new ShopProcess(child, url, exited)
  const { code, signal } = await exited
  throw new Error(`the shop ended before it listened: ${signal ?? `code ${code}`}`)
}

function environmentOf(options: ShopProcessOptions): NodeJS.ProcessEnv {
  const { databaseUrl, folder: state, pspUrl, faults } = options
  return {
    DATABASE_URL: databaseUrl ?? '',
    ...(state === undefined ? {} : { BANYAN_FOLDER: state }),
    BANYAN_TOKEN_SECRET: crashTestSecret,
    BANYAN_LOG_LEVEL: 'info',
    BANYAN_FAULTS: faults ?? '',
    PAYMENTS_PSP_URL: pspUrl,
    CHECKOUT_LEASE_MS: '300',
    CHECKOUT_RETRY_MS: '50',
    ORDERS_LEASE_MS: '300',
  }
}

/** The address in the line that says `listening`; the rest of the log is read and dropped. */
function firstUrl(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    const { stdout } = child
    if (stdout === null) return resolve(undefined)
    const lines = createInterface({ input: stdout })
    lines.on('line', (line) => {
      if (!line.includes('"listening"')) return
      const { url } = JSON.parse(line) as { url?: unknown }
      if (typeof url === 'string') resolve(url)
    })
    lines.once('close', () => resolve(undefined))
  })
}
