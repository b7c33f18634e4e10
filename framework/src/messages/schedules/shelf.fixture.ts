import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { DatabaseServer } from '../../data/index.ts'
import { TestServer } from '../../testing/index.ts'
import { send } from './schedules.fixture.ts'

/** A database of its own, and what the test does to it as its owner. */
export class Shelf implements AsyncDisposable {
  readonly server: DatabaseServer
  readonly url: string
  readonly migrations: URL
  readonly #shared: TestServer
  readonly #folder: string
  readonly #connection: Awaited<ReturnType<DatabaseServer['connect']>>

  private constructor(
    shared: TestServer,
    name: string,
    parts: {
      readonly folder: string
      readonly connection: Awaited<ReturnType<DatabaseServer['connect']>>
    },
  ) {
    this.#shared = shared
    this.server = shared.server.withDatabase(name)
    this.url = shared.urlOf(name)
    this.#folder = parts.folder
    this.migrations = pathToFileURL(`${parts.folder}/`)
    this.#connection = parts.connection
  }

  static async open(): Promise<Shelf> {
    const shared = await TestServer.acquire()
    const name = shared.nextName()
    const folder = await mkdtemp(join(tmpdir(), 'banyan-schedules-'))
    await writeFile(
      join(folder, '0001-create-book.sql'),
      'create table book (id text primary key);',
    )
    const root = await shared.server.connect()
    await send(root, `drop database if exists "${name}"`)
    await send(root, `create database "${name}" strategy file_copy`)
    await root.close()
    const connection = await shared.server.withDatabase(name).connect()
    return new Shelf(shared, name, { folder, connection })
  }

  /** A statement as the owner of the database. */
  ask(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return send(this.#connection, text, values)
  }

  /** What the cron's jobs were told, in order. */
  async told(name: string): Promise<readonly string[]> {
    const rows = await this.ask(
      `select payload::jsonb ->> 'at' as at from books.banyan_message
       where payload::jsonb ->> 'cron' = $1 order by 1, position`,
      [name],
    )
    return rows.map(({ at }) => String(at))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close()
    const root = await this.#shared.server.connect()
    await send(root, `drop database if exists "${this.server.database}" with (force)`)
    await root.close()
    await rm(this.#folder, { recursive: true, force: true })
    await this.#shared.release()
  }
}
