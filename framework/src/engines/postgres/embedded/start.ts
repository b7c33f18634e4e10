import { chown, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BanyanError, type Clock, sleep } from '../../../kernel/index.ts'
import { FolderLock } from '../../../process/index.ts'
import { type Binaries, findBinaries, prepareBinaries } from './binaries.ts'
import { ensureCluster } from './cluster.ts'
import { EmbeddedPostgres } from './embedded-postgres.ts'
import {
  type Endpoint,
  endpointArgs,
  openEndpoint,
  openPassword,
  type Transport,
} from './endpoint.ts'
import {
  postgresEmbeddedFolderInUse,
  postgresEmbeddedFolderUnusable,
  postgresEmbeddedStartFailed,
} from './errors.ts'
import type { Account, Launcher } from './account.ts'
import { chooseLauncher, listLaunchers } from './launcher.ts'
import { type Layout, openLayout } from './layout.ts'
import { clearLeftovers, serverMark } from './leftovers.ts'
import { Postmaster, type PostmasterExit } from './postmaster.ts'
import { askReadiness, type Readiness, reportsReady } from './readiness.ts'
import { openServerLog, readLogTail, type ServerLog } from './server-log.ts'
import { type Durability, renderSettings } from './settings.ts'
import { Startup } from './startup.ts'

/** What `startEmbeddedPostgres` is asked for. */
export interface EmbeddedPostgresOptions {
  /** Holds everything: data, log, lock. Made when absent; for example `<project>/.banyan/postgres`. */
  readonly folder: string
  /** A real clock: it bounds the waits for real processes. */
  readonly clock: Clock
  /** Further settings of postgresql.conf; they win over Banyan's, except those that keep the server
   *  private (addresses, port, socket, files), which are refused. */
  readonly settings?: Readonly<Record<string, string>>
  /** `full` (default): what was acknowledged survives a power cut. `test`: no syncing at all; faster,
   *  and a power cut may destroy the data. */
  readonly durability?: Durability
  /** Told each step, for people who wait. */
  readonly report?: (step: string) => void
  /** For the whole start, recovery after a crash included; 60,000 by default. */
  readonly startTimeoutMs?: number
}

/** What tests put in the place of the machine's own. */
export interface StartParts {
  readonly findBinaries: () => Promise<Binaries>
  readonly listLaunchers: (layout: Layout) => Promise<readonly Launcher[]>
  readonly transport: Transport
}

const startTimeoutMsDefault = 60_000
const askEveryMs = 5

/** Starts the PostgreSQL of one folder, creating it at the first start.
 *  @throws POSTGRES_EMBEDDED_PACKAGE_MISSING, POSTGRES_EMBEDDED_LAUNCH_REFUSED,
 *  POSTGRES_EMBEDDED_SETTING_INVALID, POSTGRES_EMBEDDED_FOLDER_IN_USE, …_FOLDER_FOREIGN,
 *  …_FOLDER_UNUSABLE, …_VERSION_MISMATCH, …_SOCKET_FOLDER_UNSAFE, …_INIT_FAILED, …_START_FAILED,
 *  …_START_OVERDUE. After any of them nothing of it runs and the folder is free; data that was
 *  there is untouched.
 *  Concurrency: exactly one of several starts on a folder wins; the others get FOLDER_IN_USE.
 *  Cost: first about 1 s, later about 0.1 s (plus recovery after a crash). */
export function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const transport = process.platform === 'win32' ? 'loopback' : 'socket'
  return startWith(options, { findBinaries, listLaunchers, transport })
}

/** `startEmbeddedPostgres` with its surroundings given. */
export async function startWith(
  options: EmbeddedPostgresOptions,
  parts: StartParts,
): Promise<EmbeddedPostgres> {
  const settings = renderSettings(options.durability ?? 'full', options.settings ?? {})
  const installed = await parts.findBinaries()
  const startup = new Startup({
    clock: options.clock,
    folder: options.folder,
    timeoutMs: options.startTimeoutMs ?? startTimeoutMsDefault,
    report: options.report ?? (() => undefined),
  })
  return asFolderError(options.folder, async () => {
    const layout = await openLayout(options.folder)
    const { folder } = layout
    const lock = await FolderLock.acquire(layout.lock, {
      inUse: (pid) => postgresEmbeddedFolderInUse({ folder, pid }),
      unusable: (cause) => postgresEmbeddedFolderUnusable({ folder, cause }),
    })
    try {
      const start = new Start({ options, parts, settings, installed, startup, layout, lock })
      return await start.run()
    } catch (error) {
      await lock.release()
      throw error
    }
  })
}

/** One attempt to start, while the folder's lock is held. */
class Start {
  readonly #options: EmbeddedPostgresOptions
  readonly #parts: StartParts
  readonly #settings: string
  readonly #installed: Binaries
  readonly #startup: Startup
  readonly #layout: Layout
  readonly #lock: FolderLock

  constructor(parts: {
    readonly options: EmbeddedPostgresOptions
    readonly parts: StartParts
    readonly settings: string
    readonly installed: Binaries
    readonly startup: Startup
    readonly layout: Layout
    readonly lock: FolderLock
  }) {
    this.#options = parts.options
    this.#parts = parts.parts
    this.#settings = parts.settings
    this.#installed = parts.installed
    this.#startup = parts.startup
    this.#layout = parts.layout
    this.#lock = parts.lock
  }

  async run(): Promise<EmbeddedPostgres> {
    const layout = this.#layout
    const startup = this.#startup
    await clearLeftovers(layout, startup)
    startup.step('preparing the server programs')
    const binaries = await prepareBinaries(this.#installed, layout.folder)
    const launchers = await this.#parts.listLaunchers(layout)
    const surroundings = { layout, binaries, clock: startup.clock }
    const { launcher, version } = await chooseLauncher(launchers, surroundings)
    const { owner } = launcher
    if (owner !== undefined) await this.#lock.giveTo(owner)
    const secret = await openPassword(layout, this.#parts.transport, owner)
    const durability = this.#options.durability ?? 'full'
    const passwordFile = secret?.file
    await ensureCluster({ layout, binaries, launcher, version, durability, passwordFile, startup })
    await this.#writeSettings(owner)
    const endpoint = await openEndpoint(layout, secret?.password, owner)
    const log = await openServerLog(layout.log, owner)
    startup.step('starting the server')
    const postmaster = new Postmaster({
      clock: startup.clock,
      launcher,
      binaries,
      data: layout.data,
      args: ['-c', serverMark, ...endpointArgs(endpoint)],
      logFile: log.path,
      holderFile: this.#lock.holderFile,
    })
    await this.#becomeReady(postmaster, endpoint, log)
    return new EmbeddedPostgres({ postmaster, endpoint, lock: this.#lock, version })
  }

  /** Renamed into place: a crash leaves the old file or the new one. */
  async #writeSettings(owner: Account | undefined): Promise<void> {
    const path = join(this.#layout.data, 'postgresql.conf')
    const draft = `${path}.new`
    await writeFile(draft, this.#settings, { mode: 0o600 })
    if (owner !== undefined) await chown(draft, owner.uid, owner.gid)
    await rename(draft, path)
  }

  async #becomeReady(postmaster: Postmaster, endpoint: Endpoint, log: ServerLog): Promise<void> {
    try {
      for (;;) {
        if (postmaster.exit !== undefined) throw await this.#failed(log, describe(postmaster.exit))
        const readiness = await this.#ask(postmaster.pid, endpoint)
        if (readiness.state === 'ready') return
        if (readiness.state === 'refused') throw await this.#failed(log, readiness.message)
        if (this.#startup.remainingMs === 0) this.#startup.assertInTime(await readLogTail(log))
        await sleep(this.#startup.clock, askEveryMs)
      }
    } catch (error) {
      // Nothing was promised to anybody yet: the immediate way is good enough.
      await postmaster.end(0)
      throw error
    }
  }

  /** Connects only once the server says that it is ready: each refused connection is a line in its
   *  log, and a recovery may take long. */
  async #ask(pid: number, endpoint: Endpoint): Promise<Readiness> {
    if (!(await reportsReady(this.#layout.data, pid))) return { state: 'not_yet' }
    return askReadiness(endpoint.address, this.#startup.clock)
  }

  async #failed(log: ServerLog, cause: string): Promise<BanyanError> {
    const { folder } = this.#layout
    const lastLines = await readLogTail(log)
    return postgresEmbeddedStartFailed({ folder, log: log.path, cause, lastLines })
  }
}

function describe(exit: PostmasterExit): string {
  if (exit.cause !== undefined) return exit.cause
  return exit.signal === null ? `it exited with ${exit.code}` : `it was ended by ${exit.signal}`
}

/** A refusal of the file system names the folder and what to do, like every other error. */
async function asFolderError<Value>(folder: string, run: () => Promise<Value>): Promise<Value> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof BanyanError) throw error
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw postgresEmbeddedFolderUnusable({ folder, cause: error.message }, { cause: error })
  }
}
