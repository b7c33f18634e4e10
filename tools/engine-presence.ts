import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type EngineRow, engines } from './engine-table.ts'

/** Where Debian puts servers, though the path of an ordinary user does not list it. */
const serverFolders = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']

/** The full path of an executable; `undefined` when there is none. */
export function findBinary(
  binary: string,
  path: string = process.env['PATH'] ?? '',
): string | undefined {
  return [...path.split(delimiter), ...serverFolders]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, binary))
    .find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export interface PresenceOptions {
  readonly table?: readonly EngineRow[]
  readonly path?: string
  /** A missing engine is a failure instead of a skip; `BANYAN_REQUIRE_ENGINES=1` unless given. */
  readonly required?: boolean
}

/** The options of a test that cannot run without an engine: `test('…', requireEngine('wrk'), …)`.
 *  @returns nothing to skip when it is found, else a skip that `npm test` lists with this reason.
 *  @throws Error when the engine is missing though engines are required, or is in no table. */
export function requireEngine(
  name: string,
  options: PresenceOptions = {},
): { readonly skip?: string } {
  const row = (options.table ?? engines).find((engine) => engine.name === name)
  if (row === undefined) throw new Error(`the engine "${name}" is not in tools/engine-table.ts`)
  if (findBinary(row.binary, options.path) !== undefined) return {}
  const reason = `${name} is not installed: npm run engines`
  if (options.required ?? process.env['BANYAN_REQUIRE_ENGINES'] === '1') throw new Error(reason)
  return { skip: reason }
}
