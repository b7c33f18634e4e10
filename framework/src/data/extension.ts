import { ask, identifier, isProblem, runScript } from './ask.ts'
import { dataExtensionRefused } from './boot-errors.ts'
import type { Connection } from './port.ts'
import { extensionSchema } from './role-settings.ts'

/** Makes the extensions that migrations ask for, in a schema that every module can use. Only those
 *  that PostgreSQL calls trusted: they cannot reach files, the network or other roles.
 *  Requires: the boot lock is held.
 *  @throws DATA_EXTENSION_REFUSED */
export async function createExtensions(owner: Connection, names: readonly string[]): Promise<void> {
  const wanted = [...new Set(names)]
  if (wanted.length === 0) return
  const { rows } = await ask(
    owner,
    `select name, bool_or(trusted) as trusted, bool_or(installed) as installed
     from pg_available_extension_versions where name = any($1) group by name`,
    [wanted],
  )
  for (const name of wanted) {
    const row = rows.find((candidate) => candidate['name'] === name)
    if (row?.['installed'] === true) continue
    if (row === undefined) throw refused(name, 'the server does not have it')
    if (row['trusted'] !== true) throw refused(name, 'it is not trusted')
    await runScript(
      owner,
      `create extension if not exists ${identifier(name)} with schema ${extensionSchema}`,
    ).catch((problem: unknown) => {
      throw isProblem(problem) ? refused(name, problem.message) : problem
    })
  }
}

function refused(extension: string, reason: string): Error {
  return dataExtensionRefused({ extension, reason })
}
