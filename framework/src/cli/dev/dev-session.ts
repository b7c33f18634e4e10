import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../engines/postgres/embedded/index.ts'
import { type Clock, createSystemClock, formatDuration } from '../../kernel/index.ts'
import type { Settings } from '../../runtime/index.ts'
import { formatError } from '../report-error.ts'
import { ApplicationProcess } from './application-process.ts'
import { CompanionProcess } from './companion-process.ts'
import type { DevOutput } from './dev-output.ts'
import type { ToParent } from './messages.ts'
import { SourceWatch } from './source-watch.ts'

export interface DevOptions {
  readonly folder: string
  readonly settings: Settings
  /** Arguments after `node` that start the application's process. */
  readonly argv: readonly string[]
  readonly watched: readonly string[]
  readonly output: DevOutput
}

/** `banyan dev` while it runs: the database and the companions stay, the application's process is
 *  replaced whenever a source changes.
 *  Invariant: at most one application process is alive, and `stop` ends everything in order:
 *  application, companions, database. */
export class DevSession {
  readonly #options: DevOptions
  readonly #clock: Clock = createSystemClock()
  readonly #startMs: number = this.#clock.monotonicMs()
  readonly #companions = new Map<string, CompanionProcess>()
  #embedded: EmbeddedPostgres | undefined
  #database: Promise<{ url: string; label: string }> | undefined
  #application: ApplicationProcess | undefined
  #watch: SourceWatch | undefined
  #replacing: Promise<void> = Promise.resolve()
  #isStopping = false
  #wasReady = false

  constructor(options: DevOptions) {
    this.#options = options
  }

  /** Starts everything; resolves when the application's process has been spawned.
   *  @throws POSTGRES_EMBEDDED_* when the database cannot start */
  async start(): Promise<void> {
    this.#database = this.#openDatabase()
    this.#spawn()
    await this.#database
    this.#watch = new SourceWatch(this.#options.watched, this.#clock, (file) => {
      this.#options.output.event('changed', { file }, `changed ${file}, restarting`)
      this.#replace()
    })
  }

  /** Stops application, companions and database, in this order. Idempotent. */
  async stop(): Promise<void> {
    if (this.#isStopping) return
    this.#isStopping = true
    this.#watch?.close()
    await this.#replacing
    await this.#application?.stop()
    await Promise.all([...this.#companions.values()].map((companion) => companion.stop()))
    await this.#database?.catch(() => {})
    await this.#embedded?.stop()
    await rm(this.#instanceFile(), { force: true })
  }

  async #openDatabase(): Promise<{ url: string; label: string }> {
    const { settings, output } = this.#options
    if (settings.databaseUrl !== undefined) {
      return {
        url: settings.databaseUrl,
        label: 'the PostgreSQL of DATABASE_URL',
      }
    }
    const folder = path.resolve(settings.folder, 'postgres')
    const report = (step: string): void => output.event('step', { step }, `postgres: ${step}`)
    this.#embedded = await startEmbeddedPostgres({ folder, clock: this.#clock, report })
    const { url, version } = this.#embedded
    return { url, label: `embedded PostgreSQL ${version} in ${path.relative('.', folder)}` }
  }

  #spawn(): void {
    const { argv, output } = this.#options
    const application = new ApplicationProcess({
      clock: this.#clock,
      argv,
      onLine: (line) => output.line(line),
      onMessage: (message) => void this.#receive(application, message),
      onExit: (status) => this.#ended(application, status),
    })
    this.#application = application
  }

  async #receive(application: ApplicationProcess, message: ToParent): Promise<void> {
    try {
      if (message.type === 'loaded') await this.#begin(application, message)
      if (message.type === 'ready') await this.#ready(application, message.url)
      if (message.type === 'failed') this.#options.output.failure(message.text)
    } catch (error) {
      this.#options.output.failure(formatError(error, false))
    }
  }

  async #begin(
    application: ApplicationProcess,
    message: Extract<ToParent, { readonly type: 'loaded' }>,
  ): Promise<void> {
    this.#options.output.loaded(message.name, message.modules)
    const starting = message.companions.map(async (companion) => {
      if (this.#companions.has(companion.name) || this.#isStopping) return
      const process = new CompanionProcess(companion, {
        clock: this.#clock,
        cwd: this.#options.folder,
      })
      this.#companions.set(companion.name, process)
      await process.waitReady(companion.ready)
    })
    await Promise.all(starting)
    const database = await this.#database
    if (database !== undefined) application.begin({ type: 'begin', databaseUrl: database.url })
  }

  async #ready(application: ApplicationProcess, url: string): Promise<void> {
    const { output } = this.#options
    await mkdir(path.dirname(this.#instanceFile()), { recursive: true })
    await writeFile(this.#instanceFile(), JSON.stringify({ url, pid: application.pid }))
    const tookMs = this.#clock.monotonicMs() - this.#startMs
    if (this.#wasReady) return output.event('ready', { url }, `ready again at ${url}`)
    this.#wasReady = true
    const database = (await this.#database)?.label ?? ''
    output.banner({
      url,
      took: formatDuration(tookMs),
      database,
      companions: [...this.#companions.keys()],
    })
  }

  #ended(application: ApplicationProcess, status: string): void {
    if (this.#isStopping || this.#application !== application) return
    this.#application = undefined
    const text = `the application ended (${status}); it starts again when a file changes`
    this.#options.output.event('ended', { status }, text)
  }

  #replace(): void {
    this.#replacing = this.#replacing.then(async () => {
      if (this.#isStopping) return
      const previous = this.#application
      this.#application = undefined
      await previous?.stop()
      if (!this.#isStopping) this.#spawn()
    })
  }

  #instanceFile(): string {
    return path.resolve(this.#options.settings.folder, 'instance.json')
  }
}
