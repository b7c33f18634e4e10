import path from 'node:path'
import type { DatabaseServer } from '../data/index.ts'
import { createPostgresServer } from '../engines/postgres/client/index.ts'
import {
  type EmbeddedPostgres,
  postgresEmbeddedFolderInUse,
  startEmbeddedPostgres,
} from '../engines/postgres/embedded/index.ts'
import { createSystemClock } from '../kernel/index.ts'

const slotsMax = 32

/** The PostgreSQL that tests of one process share. Folders are kept between runs, so that only the
 *  first run on a machine creates a cluster; each process takes the first folder that is free. */
export class TestServer {
  static #shared: Promise<TestServer> | undefined

  readonly server: DatabaseServer
  readonly templates: Map<string, Promise<string>> = new Map()
  readonly #url: string
  readonly #embedded: EmbeddedPostgres
  #users = 0
  #sequence = 0

  constructor(embedded: EmbeddedPostgres) {
    this.#embedded = embedded
    this.#url = embedded.url
    this.server = createPostgresServer({ url: embedded.url, applicationName: 'banyan-test' })
  }

  /** The server of this process, started at its first use. `release` it when done: the last release
   *  stops it a moment later, so that a test file ends by itself.
   *  @param durability  `full` for benches: commits reach the disk, as in production */
  static async acquire(
    folder: string = defaultFolder(),
    durability: 'test' | 'full' = 'test',
  ): Promise<TestServer> {
    TestServer.#shared ??= startFirstFree(folder, durability).then(
      (embedded) => new TestServer(embedded),
    )
    const shared = await TestServer.#shared
    shared.#users++
    return shared
  }

  /** Connection string of one database of this server, for processes that a test starts. */
  urlOf(database: string): string {
    return this.#url.replace(/(@[^/]*)\/[^?]*/, `$1/${database}`)
  }

  /** A database name that no other test of this server has. */
  nextName(): string {
    return `test_${process.pid}_${this.#sequence++}`
  }

  async release(): Promise<void> {
    this.#users--
    if (this.#users > 0) return
    await new Promise<void>((resolve) => void setImmediate(resolve))
    if (this.#users > 0) return
    TestServer.#shared = undefined
    await this.#embedded.stop()
  }
}

async function startFirstFree(
  folder: string,
  durability: 'test' | 'full',
): Promise<EmbeddedPostgres> {
  const clock = createSystemClock()
  for (let slot = 0; ; slot++) {
    try {
      const own = path.join(folder, `slot-${slot}`)
      return await startEmbeddedPostgres({ folder: own, clock, durability })
    } catch (error) {
      if (!postgresEmbeddedFolderInUse.is(error) || slot === slotsMax) throw error
    }
  }
}

function defaultFolder(): string {
  return path.resolve('node_modules', '.cache', 'banyan', 'test-postgres')
}
