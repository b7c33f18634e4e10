import path from 'node:path'
import { asBanyanError, type Clock, formatDuration } from '../../kernel/index.ts'
import { exitCodeOfError } from '../exit-codes.ts'
import { removeInstance, writeInstance } from '../instance-file.ts'
import { errorFields, formatError } from '../report-error.ts'
import { ApplicationProcess } from './application-process.ts'
import { Companions } from './companions.ts'
import { DevDatabase } from './dev-database.ts'
import type { DevOutput } from './dev-output.ts'
import { isMendable } from './mendable.ts'
import type { ToParent } from './messages.ts'
import { SourceWatch } from './source-watch.ts'

export interface DevOptions {
  /** Of the application, absolute. */
  readonly folder: string
  /** Arguments after `node` that start the application's process. */
  readonly argv: readonly string[]
  readonly watched: readonly string[]
  readonly output: DevOutput
  readonly clock: Clock
  readonly isVerbose: boolean
}

type Loaded = Extract<ToParent, { readonly type: 'loaded' }>
type Configured = Extract<ToParent, { readonly type: 'configured' }>

/** `banyan dev` while it runs: the database and the companions stay, the application's process is
 *  replaced whenever a source changes. An application that cannot start is reported and waited for,
 *  except that the very first start ends the session when no change of a source could mend it.
 *  Invariant: at most one application process is alive, and `stop` ends everything in order:
 *  application, companions, database. */
export class DevSession {
  /** Resolves with an exit code when the session cannot go on. */
  readonly failed: Promise<number>
  readonly #options: DevOptions
  readonly #fail: (exitCode: number) => void
  readonly #companions: Companions
  readonly #database: DevDatabase
  #application: ApplicationProcess | undefined
  #configured: Configured | undefined
  #loaded: Loaded | undefined
  #watch: SourceWatch | undefined
  #replacing: Promise<void> = Promise.resolve()
  #isHasty = false
  #isStopping = false
  #wasReady = false

  constructor(options: DevOptions) {
    const { clock, folder, output } = options
    const failed = Promise.withResolvers<number>()
    this.failed = failed.promise
    this.#fail = failed.resolve
    this.#options = options
    this.#companions = new Companions({
      clock,
      cwd: folder,
      onExit: (name, status) => {
        output.event('companionEnded', { name, status }, `the companion ${name} ended (${status})`)
      },
    })
    this.#database = new DevDatabase({
      clock,
      report: (step) => output.event('step', { step }, `postgres: ${step}`),
      onLost: (error) => this.#giveUp(error),
    })
  }

  /** Starts the application's process, which asks for the rest. */
  start(): void {
    const { watched, clock, output, folder } = this.#options
    this.#spawn()
    this.#watch = new SourceWatch(watched, clock, (changed) => {
      const file = path.relative(folder, changed)
      output.event('changed', { file }, `changed ${file}, restarting`)
      this.#replace()
    })
  }

  /** Stops application, companions and database, in this order. Call once. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#watch?.close()
    await this.#replacing
    await this.#application?.stop()
    await this.#companions.stop()
    await this.#database.stop({ isHasty: this.#isHasty })
    if (this.#configured !== undefined) await removeInstance(this.#configured.stateFolder)
  }

  /** Makes a `stop` that is under way end everything by force. */
  hasten(): void {
    this.#isHasty = true
    this.#application?.kill()
    this.#companions.kill()
    void this.#database.stop({ isHasty: true })
  }

  #spawn(): void {
    const { argv, output, clock } = this.#options
    const application = new ApplicationProcess({
      clock,
      argv,
      onLine: (line) => output.line(line),
      onMessage: (message) => void this.#receive(application, message),
      onExit: (status) => void this.#ended(application, status),
    })
    this.#application = application
  }

  async #receive(application: ApplicationProcess, message: ToParent): Promise<void> {
    if (this.#application !== application || this.#isStopping) return
    try {
      if (message.type === 'configured') this.#configured = message
      if (message.type === 'loaded') await this.#begin(application, message)
      if (message.type === 'ready') await this.#ready(application, message.url)
      if (message.type === 'failed') this.#failedToStart(message)
    } catch (error) {
      if (this.#wasReady || isMendable(error)) this.#report(error)
      else this.#giveUp(error)
    }
  }

  async #begin(application: ApplicationProcess, message: Loaded): Promise<void> {
    this.#loaded = message
    const companions = this.#companions.ensure(message.companions)
    const [databaseUrl] = await Promise.all([this.#openDatabase(message), companions])
    application.begin({ type: 'begin', databaseUrl })
  }

  async #openDatabase({ needsDatabase }: Loaded): Promise<string | undefined> {
    if (!needsDatabase || this.#configured === undefined) return undefined
    const { databaseUrl, stateFolder } = this.#configured
    if (databaseUrl === undefined) return this.#database.url(stateFolder)
    this.#database.useForeign('PostgreSQL of DATABASE_URL')
    return databaseUrl
  }

  async #ready(application: ApplicationProcess, url: string): Promise<void> {
    const { output, clock } = this.#options
    const [configured, loaded] = [this.#configured, this.#loaded]
    if (configured === undefined || loaded === undefined) return
    const { stateFolder } = configured
    const databaseUrl = await this.#openDatabase(loaded)
    await writeInstance(stateFolder, { url, pid: application.pid, databaseUrl })
    if (this.#wasReady) return output.event('readyAgain', { url }, `ready again at ${url}`)
    this.#wasReady = true
    output.banner({
      application: loaded.name,
      modules: loaded.modules,
      url,
      // Counted from the start of this process.
      took: formatDuration(clock.monotonicMs()),
      database: this.#database.label,
      companions: this.#companions.names,
    })
  }

  #failedToStart(message: Extract<ToParent, { readonly type: 'failed' }>): void {
    this.#options.output.failure(message.error, message.text)
    if (!this.#wasReady && !message.isMendable) this.#fail(message.exitCode)
  }

  async #ended(application: ApplicationProcess, status: string): Promise<void> {
    if (this.#isStopping || this.#application !== application) return
    this.#application = undefined
    if (this.#configured !== undefined) await removeInstance(this.#configured.stateFolder)
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

  #report(error: unknown): void {
    this.#options.output.failure(errorFields(error), formatError(error, this.#options.isVerbose))
  }

  #giveUp(error: unknown): void {
    this.#report(asBanyanError(error))
    this.#fail(exitCodeOfError(error))
  }
}
