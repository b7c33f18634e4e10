import path from 'node:path'
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../engines/postgres/embedded/index.ts'
import type { Clock } from '../../kernel/index.ts'
import { cliDatabaseEnded } from '../errors.ts'

/** The database of one `banyan dev`: the embedded PostgreSQL, started when first asked for. */
export class DevDatabase {
  readonly #clock: Clock
  readonly #report: (step: string) => void
  readonly #onLost: (error: Error) => void
  #starting: Promise<EmbeddedPostgres> | undefined
  #isStopping = false
  #label = 'no database'

  constructor(options: {
    readonly clock: Clock
    readonly report: (step: string) => void
    /** Called when the server ended without having been asked to. */
    readonly onLost: (error: Error) => void
  }) {
    this.#clock = options.clock
    this.#report = options.report
    this.#onLost = options.onLost
  }

  /** For people: what runs. */
  get label(): string {
    return this.#label
  }

  /** The URL of the running server below `stateFolder`.
   *  @throws POSTGRES_EMBEDDED_* */
  async url(stateFolder: string): Promise<string> {
    this.#starting ??= this.#start(path.join(stateFolder, 'postgres'))
    return (await this.#starting).url
  }

  /** Says what runs instead of an embedded server. */
  useForeign(label: string): void {
    this.#label = label
  }

  /** Stops the server, the quick way when `isHasty`. Idempotent. */
  async stop(options: { readonly isHasty: boolean }): Promise<void> {
    this.#isStopping = true
    const embedded = await this.#starting?.catch(() => undefined)
    await embedded?.stop(options.isHasty ? { timeoutMs: 0 } : {})
  }

  async #start(folder: string): Promise<EmbeddedPostgres> {
    const embedded = await startEmbeddedPostgres({
      folder,
      clock: this.#clock,
      report: this.#report,
    })
    const shown = path.relative(process.cwd(), folder)
    this.#label = `embedded PostgreSQL ${embedded.version} in ${shown}`
    void embedded.exited.then(({ code, signal }) => {
      if (this.#isStopping) return
      const status = signal ?? `exit code ${code}`
      this.#onLost(cliDatabaseEnded({ label: this.#label, status }))
    })
    return embedded
  }
}
