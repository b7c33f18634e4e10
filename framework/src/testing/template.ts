import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { openDatabase, type DatabaseServer } from '../data/index.ts'
import { createSystemClock, createSystemRandom, createWorld } from '../kernel/index.ts'
import { messageTables } from '../messages/index.ts'
import type { Application } from '../module/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import type { TestServer } from './test-server.ts'

/** Makes a database for one test: a copy of the application's migrated template, which itself is made
 *  once per server and set of migrations.
 *  @returns its name */
export async function createFromTemplate(
  shared: TestServer,
  application: Application,
): Promise<string> {
  const template = `template_${await fingerprint(application)}`
  let made = shared.templates.get(template)
  if (made === undefined) {
    made = makeTemplate(shared, application, template)
    shared.templates.set(template, made)
  }
  await made
  const name = shared.nextName()
  await runAsOwner(shared.server, [
    `drop database if exists "${name}"`,
    `create database "${name}" template "${template}" strategy file_copy`,
  ])
  return name
}

export function dropDatabase(server: DatabaseServer, name: string): Promise<void> {
  return runAsOwner(server, [`drop database if exists "${name}" with (force)`])
}

async function makeTemplate(
  shared: TestServer,
  application: Application,
  template: string,
): Promise<string> {
  const { server } = shared
  const draft = `${template}_draft`
  const found = await queryAsOwner(
    server,
    `select 1 from pg_database where datname = '${template}'`,
  )
  if (found > 0) return template
  await dropLeftovers(shared)
  await runAsOwner(server, [
    `drop database if exists "${draft}" with (force)`,
    `create database "${draft}" strategy file_copy`,
  ])
  await migrate(server.withDatabase(draft), application)
  await runAsOwner(server, [`alter database "${draft}" rename to "${template}"`])
  return template
}

const templatesMax = 20

/** Drops what a killed test left behind, and templates of old migrations when they are many. */
async function dropLeftovers(shared: TestServer): Promise<void> {
  const connection = await shared.server.connect()
  try {
    const { rows } = await send(
      connection,
      "select datname from pg_database where datname ~ '^(test|template)_' order by oid",
    )
    const names = rows.map(({ datname }) => String(datname))
    const own = `test_${process.pid}_`
    const orphans = names.filter((name) => name.startsWith('test_') && !name.startsWith(own))
    const templates = names.filter(
      (name) => name.startsWith('template_') && !shared.templates.has(name),
    )
    const old = templates.slice(0, Math.max(0, templates.length - templatesMax))
    for (const name of [...orphans, ...old]) {
      await send(connection, `drop database if exists "${name}" with (force)`)
    }
  } finally {
    await connection.close()
  }
}

/** Makes a database ready for all modules of an application: what instances then find done. In the
 *  machine's time, for they may be many, and wait for each other.
 *  Cost: about 20 ms for a copy of a template. */
export async function migrate(server: DatabaseServer, application: Application): Promise<void> {
  const world = createWorld()
  const telemetry = createTelemetry({
    clock: createSystemClock(),
    random: createSystemRandom(),
    service: 'template',
    sink: createMemorySink(),
  })
  const modules = application.modules.flatMap(({ contract, tables }) =>
    tables === undefined ? [] : [{ name: contract.name, migrations: tables.migrations }],
  )
  const streams = { messages: messageTables }
  const database = await openDatabase({ server, modules, streams, world, telemetry })
  await database.close()
}

/** Sixteen hex digits of everything that shapes the template: names and migrations of the modules,
 *  and the platform's own tables. */
async function fingerprint(application: Application): Promise<string> {
  const hash = createHash('sha256')
  const folders = application.modules.flatMap(({ contract, tables }) =>
    tables === undefined ? [] : [{ name: contract.name, folder: tables.migrations }],
  )
  folders.push({ name: '', folder: new URL('../data/sql/', import.meta.url) })
  folders.push({ name: '', folder: messageTables })
  for (const { name, folder } of folders) {
    hash.update(`\n${name}\n`)
    for (const file of (await readdir(folder)).sort()) {
      hash.update(`${file}\n`)
      hash.update(await readFile(fileURLToPath(new URL(file, folder))))
    }
  }
  return hash.digest('hex').slice(0, 16)
}

async function runAsOwner(server: DatabaseServer, statements: readonly string[]): Promise<void> {
  const connection = await server.connect()
  try {
    for (const statement of statements) await send(connection, statement)
  } finally {
    await connection.close()
  }
}

async function queryAsOwner(server: DatabaseServer, statement: string): Promise<number> {
  const connection = await server.connect()
  try {
    return (await send(connection, statement)).rows.length
  } finally {
    await connection.close()
  }
}

type Connection = Awaited<ReturnType<DatabaseServer['connect']>>

function send(connection: Connection, text: string): Promise<{ rows: Record<string, unknown>[] }> {
  return new Promise((resolve, reject) => {
    connection.send({
      text,
      name: undefined,
      isScript: false,
      values: [],
      succeed: resolve,
      fail: (problem) => reject(new Error(`${text}: ${problem.message}`)),
    })
  })
}
