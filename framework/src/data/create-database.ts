import { identifier, isProblem, runScript } from './ask.ts'
import { dataUnavailable } from './errors.ts'
import type { DatabaseServer } from './port.ts'

/** Makes a database as a copy of `template`, with its tables, rows and roles. For tests: a copy of
 *  a small template takes some tens of milliseconds.
 *  Requires: nobody is connected to `template`.
 *  @returns the server, with the new database. */
export async function createDatabaseFromTemplate(
  server: DatabaseServer,
  template: string,
  name: string,
): Promise<DatabaseServer> {
  const text = `create database ${identifier(name)} template ${identifier(template)}`
  await asOwner(server, text)
  return server.withDatabase(name)
}

/** Removes a database, disconnecting whoever uses it; nothing happens when there is none. Its roles
 *  stay: other databases made from the same template have the same. */
export async function dropDatabase(server: DatabaseServer, name: string): Promise<void> {
  await asOwner(server, `drop database if exists ${identifier(name)} with (force)`)
}

async function asOwner(server: DatabaseServer, script: string): Promise<void> {
  try {
    const connection = await server.connect()
    try {
      await runScript(connection, script)
    } finally {
      await connection.close()
    }
  } catch (problem) {
    if (!isProblem(problem)) throw problem
    throw dataUnavailable({ address: server.address, reason: problem.message }, { cause: problem })
  }
}
