import type { DatabaseServer } from '../data/index.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../engines/postgres/embedded/index.ts'
import { type BanyanError, type Clock, sleep } from '../kernel/index.ts'
import type { Logs } from '../telemetry/index.ts'
import { runtimeDatabaseLost } from './errors.ts'

export interface KeptPostgresOptions {
  readonly folder: string
  readonly clock: Clock
  readonly logs: Logs
  /** The client of a server at `url`. */
  readonly connectTo: (url: string) => DatabaseServer
  readonly report?: (step: string) => void
}

/** A server that ends this often within `windowMs` has a cause that another start does not remove. */
const endsMax = 5
const windowMs = 300_000
const pauseFirstMs = 100

/** The embedded PostgreSQL of a running instance, started again when it ends by itself: killed by
 *  the system for its memory, crashed, or ended by hand. Meanwhile statements fail with
 *  DATA_UNAVAILABLE and the instance is unready.
 *  Limits: 5 ends or failed starts within 5 min, with pauses that double from 100 ms. */
export class KeptPostgres implements AsyncDisposable {
  /** The server that runs now, whichever it is. */
  readonly server: DatabaseServer
  /** Fulfils when it is given up; never if it is not. */
  readonly lost: Promise<BanyanError>
  readonly #options: KeptPostgresOptions
  readonly #giveUp: (error: BanyanError) => void
  #embedded: EmbeddedPostgres
  #current: DatabaseServer
  #keeping: Promise<void>
  #endsMs: number[] = []
  readonly #stopping = new AbortController()

  private constructor(options: KeptPostgresOptions, embedded: EmbeddedPostgres) {
    this.#options = options
    this.#embedded = embedded
    this.#current = options.connectTo(embedded.url)
    this.server = follow(() => this.#current)
    const { promise, resolve } = Promise.withResolvers<BanyanError>()
    this.lost = promise
    this.#giveUp = resolve
    this.#keeping = this.#keep()
  }

  /** @throws POSTGRES_EMBEDDED_* when the first start fails */
  static async start(options: KeptPostgresOptions): Promise<KeptPostgres> {
    return new KeptPostgres(options, await startIn(options))
  }

  get version(): string {
    return this.#embedded.version
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#embedded.stop()
    await this.#keeping
    // a start that was under way has made another one meanwhile
    await this.#embedded.stop()
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping
    const { folder, logs } = this.#options
    while (!signal.aborted) {
      const { code, signal: killedBy } = await this.#embedded.exited
      if (signal.aborted) return
      const status = killedBy ?? `exit code ${code}`
      logs.log('error', { folder, status }, 'the embedded PostgreSQL ended; starting it again')
      if (!(await this.#startAgain(status))) return
    }
  }

  /** Starts until it runs; false when it is given up or no longer wanted. */
  async #startAgain(status: string): Promise<boolean> {
    const { clock, folder, logs } = this.#options
    let cause = status
    while (this.#mayStart()) {
      try {
        await sleep(clock, pauseFirstMs * 2 ** this.#endsMs.length, this.#stopping.signal)
        this.#embedded = await startIn(this.#options)
        this.#current = this.#options.connectTo(this.#embedded.url)
        logs.log('info', { folder }, 'the embedded PostgreSQL runs again')
        return true
      } catch (error) {
        if (this.#stopping.signal.aborted) return false
        cause = error instanceof Error ? error.message : String(error)
        logs.log('error', { folder, err: error }, 'the embedded PostgreSQL did not start')
      }
    }
    this.#giveUp(runtimeDatabaseLost({ folder, ends: this.#endsMs.length, cause }))
    return false
  }

  /** Counts an end; whether there were few enough of late. */
  #mayStart(): boolean {
    const nowMs = this.#options.clock.monotonicMs()
    this.#endsMs = [...this.#endsMs.filter((endMs) => nowMs - endMs < windowMs), nowMs]
    return this.#endsMs.length <= endsMax
  }
}

function startIn({ folder, clock, report }: KeptPostgresOptions): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ folder, clock, ...(report === undefined ? {} : { report }) })
}

/** A server that stands for whichever `current` names. */
function follow(current: () => DatabaseServer): DatabaseServer {
  return {
    get address() {
      return current().address
    },
    get role() {
      return current().role
    },
    get database() {
      return current().database
    },
    get statementNames() {
      return current().statementNames
    },
    connect: (login) => current().connect(login),
    withDatabase: (database) => follow(() => current().withDatabase(database)),
  }
}
