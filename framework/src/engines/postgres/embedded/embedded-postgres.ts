import type { FolderLock } from '../../../process/index.ts'
import { databaseName, userName } from './cluster.ts'
import { type Endpoint, endpointUrl } from './endpoint.ts'
import { closeSocketFolder } from './layout.ts'
import type { Postmaster, PostmasterExit } from './postmaster.ts'
import { stopTimeoutMs } from './shutdown.ts'

/** A running server that this process owns: it ends with it, however that ends.
 *  Concurrency: one owner per folder; any number of connections up to `max_connections` (200). */
export class EmbeddedPostgres implements AsyncDisposable {
  /** The folder of the Unix socket; 127.0.0.1 on Windows. Both are what `pg` calls `host`. */
  readonly host: string
  readonly port: number
  readonly user: 'banyan' = userName
  readonly database: 'banyan' = databaseName
  /** Undefined on a Unix socket, whose private folder is the authentication. */
  readonly password: string | undefined
  /** For people, libpq and `pg`'s `connectionString`. Holds the password if there is one. */
  readonly url: string
  /** Of the server, for example "18.4". */
  readonly version: string
  /** Of the postmaster. */
  readonly pid: number
  /** Fulfils when the server has ended and the folder is free, whether it was asked to or not. */
  readonly exited: Promise<PostmasterExit>
  readonly #postmaster: Postmaster

  /** Requires: the server is ready, and `lock` is held for it. */
  constructor(parts: {
    readonly postmaster: Postmaster
    readonly endpoint: Endpoint
    readonly lock: FolderLock
    readonly version: string
  }) {
    const { postmaster, endpoint, lock } = parts
    this.#postmaster = postmaster
    this.host = endpoint.host
    this.port = endpoint.port
    this.password = endpoint.password
    this.url = endpointUrl(endpoint, userName, databaseName)
    this.version = parts.version
    this.pid = postmaster.pid
    this.exited = postmaster.exited.then(async (exit) => {
      if (endpoint.password === undefined) await closeSocketFolder(endpoint.host)
      await lock.release()
      return exit
    })
  }

  /** Stops the server: open transactions are rolled back, clients are disconnected, everything is
   *  written. Idempotent; resolves when the process has ended and the folder is free.
   *  @param options.timeoutMs  for the orderly way (10 s); then at most 10 s more by force, which
   *  costs a recovery at the next start and no committed transaction. Should the operating system
   *  not end it even then (a hung disk), this resolves with the folder still locked. */
  async stop(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const ended = await this.#postmaster.end(options.timeoutMs ?? stopTimeoutMs)
    if (ended) await this.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
