/** Fixtures of this folder's tests; nothing else imports them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { type Clock, createSystemClock } from '../../../kernel/index.ts'
import { tryIdentify } from '../../../process/index.ts'
import type { Binaries } from './binaries.ts'
import type { Account } from './account.ts'
import { findStrays } from './leftovers.ts'
import { startEmbeddedPostgres } from './start.ts'
import { waitUntil } from './startup.ts'

export const clock: Clock = createSystemClock()
export const isRoot: boolean = process.getuid?.() === 0
export const nobody: Account = { uid: 65_534, gid: 65_534 }

const memoryFolder = '/dev/shm'
const memoryBytesMin = 2 * 1024 ** 3

export interface TestFolder extends AsyncDisposable {
  /** Does not exist yet; its parent is entered by everybody. */
  readonly path: string
  readonly parent: string
}

/** @param where  `memory` (where there is plenty) because ext4 looks for a free inode past all
 *  that were deleted lately: after a few clusters made and removed, a new file costs 1 ms and a new
 *  cluster 2 s. `disk` for what must be a real disk or hold programs. */
export async function testFolder(where: 'disk' | 'memory' = 'memory'): Promise<TestFolder> {
  const base = where === 'memory' && (await hasRoom(memoryFolder)) ? memoryFolder : tmpdir()
  const parent = await mkdtemp(join(base, 'banyan-test-'))
  await chmod(parent, 0o777)
  return {
    parent,
    path: join(parent, 'postgres'),
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** A container's is often 64 MiB, less than two clusters. */
async function hasRoom(folder: string): Promise<boolean> {
  return statfs(folder).then(
    (found) => found.bavail * found.bsize > memoryBytesMin,
    () => false,
  )
}

let template: Promise<string> | undefined

/** A folder that was started and stopped before: a copy, which costs a tenth of a first start. */
export async function usedFolder(): Promise<TestFolder> {
  template ??= makeTemplate()
  const folder = await testFolder()
  await mkdir(folder.path, { mode: 0o700 })
  await cp(await template, join(folder.path, 'data'), { recursive: true })
  await chmod(join(folder.path, 'data'), 0o700)
  return folder
}

async function makeTemplate(): Promise<string> {
  const folder = await testFolder()
  process.once('exit', () => rmSync(folder.parent, { recursive: true, force: true }))
  const options = { folder: folder.path, clock, durability: 'test' } as const
  await (await startEmbeddedPostgres(options)).stop()
  return join(folder.path, 'data')
}

/** Runs one statement on a connection of its own. */
export async function query(
  server: { readonly url: string },
  text: string,
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url })
  // A server that is killed under the connection is a matter of the test, not of the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

/** Whether the server and all its processes end within `timeoutMs`. */
export function hasEnded(pid: number, data: string, timeoutMs: number): Promise<boolean> {
  return waitUntil(clock, timeoutMs, async () => {
    return (await tryIdentify(pid)) === undefined && (await findStrays(data)).length === 0
  })
}

/** Another process that starts the server of `folder`. */
export interface Owner extends Disposable {
  readonly process: ChildProcess
  /** The next line that it prints: `{ pid, url }` when started, `{ code, message }` when not. */
  next(): Promise<Record<string, unknown>>
  ended(): Promise<number | null>
}

const ownerScript = `
import { startEmbeddedPostgres } from '${new URL('./index.ts', import.meta.url).href}'
import { startWith } from '${new URL('./start.ts', import.meta.url).href}'
import { listLaunchers } from '${new URL('./launcher.ts', import.meta.url).href}'
import { createSystemClock } from '${new URL('../../../kernel/index.ts', import.meta.url).href}'
const print = (value) => console.log(JSON.stringify(value))
process.on('SIGINT', async () => {
  await new Promise((resolve) => setTimeout(resolve, 300))
  const exit = await Promise.race([server.exited, 'serving'])
  print({ exit })
  await server.stop()
  process.exit(0)
})
let server
try {
  const [, folder, , binaries] = process.argv
  const options = { folder, clock: createSystemClock(), durability: 'test' }
  const findBinaries = async () => JSON.parse(binaries)
  server = binaries === undefined
    ? await startEmbeddedPostgres(options)
    : await startWith(options, { findBinaries, listLaunchers, transport: 'socket' })
  print({ pid: server.pid, url: server.url })
  if (process.argv[2] !== 'leave') process.stdin.resume()
} catch (error) {
  print({ code: error.code, message: error.message })
}
`

export interface OwnerOptions {
  /** Who runs it; needs root. */
  readonly account?: Account
  /** `leave` ends the process right after the start, without stopping the server. */
  readonly mode?: 'stay' | 'leave'
  /** Instead of the installed package's. */
  readonly binaries?: Binaries
}

export function startOwner(folder: string, options: OwnerOptions = {}): Owner {
  const flags = ['--conditions=source', '--input-type=module', '--eval', ownerScript, '--']
  const binaries = options.binaries === undefined ? [] : [JSON.stringify(options.binaries)]
  const args = [folder, options.mode ?? 'stay', ...binaries]
  const child = spawn(process.execPath, [...flags, ...args], {
    ...options.account,
    cwd: '/',
    // The leader of a group of its own, as a job is in a terminal.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = once(child, 'exit')
  return {
    process: child,
    async next() {
      const line = await lines.next()
      const value: unknown = line.done === true ? {} : JSON.parse(line.value)
      return typeof value === 'object' && value !== null ? { ...value } : {}
    },
    async ended() {
      const [code]: (number | null)[] = await ended
      return code ?? null
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}
