import type { World } from '../kernel/index.ts'
import { ask, identifier, isProblem, runScript } from './ask.ts'
import { dataRightMissing } from './boot-errors.ts'
import { dataUnavailable } from './errors.ts'
import { createExtensions } from './extension.ts'
import { createInstallation, type Installation, tryReadInstallation } from './installation.ts'
import { applyMigrations } from './migrate.ts'
import { type MigrationFile, readMigrations } from './migration-file.ts'
import { type AppliedMigration, pendingMigrations } from './migration-plan.ts'
import type { Connection, DatabaseServer } from './port.ts'
import {
  findLack,
  isComplete,
  ownerScript,
  provision,
  type WantedModule,
  wantedModule,
} from './provision.ts'
import { withBootLock } from './boot-lock.ts'

/** A module whose tables are to be made ready. */
export interface ModuleTables {
  readonly name: string
  readonly migrations: URL
}

interface ModuleFiles {
  readonly name: string
  readonly files: readonly MigrationFile[]
}

interface MissingRight extends Record<string, unknown> {
  readonly role: string
  readonly step: string
  readonly grant: string
}

/** The files of one stream that one module lacks. */
interface Pending {
  readonly module: WantedModule
  readonly streams: readonly { readonly stream: string; readonly files: readonly MigrationFile[] }[]
}

/** What is to be made ready. */
export interface Wanted {
  readonly modules: readonly ModuleTables[]
  /** Tables of other rooms of the platform, in every module's schema: folders by stream. */
  readonly streams: Readonly<Record<string, URL>>
}

/** Makes a database ready for its modules: the platform's schema, roles, schemas, extensions and
 *  migrations. Any number of instances may do so at once; one works, the others find it done.
 *  Cost when nothing is to do: one connection, 4 round trips.
 *  @returns the modules with the logins of their roles. */
export async function prepareDatabase(
  server: DatabaseServer,
  { modules, streams }: Wanted,
  world: World,
): Promise<WantedModule[]> {
  const platform = { platform: new URL('./sql/', import.meta.url), ...streams }
  const preparation = new Preparation(server, world, {
    modules: await readAll(modules),
    streams: await readAll(
      Object.entries(platform).map(([name, migrations]) => ({ name, migrations })),
    ),
  })
  try {
    return await preparation.run()
  } catch (error) {
    if (!isProblem(error)) throw error
    throw dataUnavailable({ address: server.address, reason: error.message }, { cause: error })
  }
}

class Preparation {
  readonly #server: DatabaseServer
  readonly #world: World
  readonly #modules: readonly ModuleFiles[]
  /** The platform's own, in every module's schema. */
  readonly #streams: readonly ModuleFiles[]

  constructor(
    server: DatabaseServer,
    world: World,
    files: { readonly modules: readonly ModuleFiles[]; readonly streams: readonly ModuleFiles[] },
  ) {
    this.#server = server
    this.#world = world
    this.#modules = files.modules
    this.#streams = files.streams
  }

  async run(): Promise<WantedModule[]> {
    const owner = await this.#server.connect()
    try {
      const ready = await this.#tryReady(owner)
      return ready ?? (await withBootLock(this.#server, this.#world.clock, () => this.#make(owner)))
    } finally {
      await owner.close()
    }
  }

  /** The modules when nothing is to do. */
  async #tryReady(owner: Connection): Promise<WantedModule[] | undefined> {
    const installation = await tryReadInstallation(owner).catch((problem: unknown) => {
      throw asRightMissing(problem, this.#rights('read the platform schema'))
    })
    if (installation === undefined) return undefined
    const wanted = this.#wanted(installation)
    if (!isComplete(await findLack(owner, wanted))) return undefined
    const pending = await this.#pending(owner, wanted)
    return pending.length === 0 ? wanted : undefined
  }

  async #make(owner: Connection): Promise<WantedModule[]> {
    const rights = this.#rights('create schemas in this database')
    const installation = await createInstallation(owner, this.#world.random).catch((problem) => {
      throw asRightMissing(problem, rights)
    })
    const wanted = this.#wanted(installation)
    await this.#provision(owner, wanted)
    const files = this.#modules.flatMap((module) => module.files)
    await createExtensions(
      owner,
      files.flatMap((file) => file.extensions),
    )
    for (const pending of await this.#pending(owner, wanted)) await this.#migrate(pending)
    return wanted
  }

  async #provision(owner: Connection, wanted: readonly WantedModule[]): Promise<void> {
    const lack = await findLack(owner, wanted)
    if (isComplete(lack)) return
    await provision(owner, wanted, lack).catch((problem) => {
      throw asRightMissing(problem, {
        role: this.#server.role,
        step: 'create the roles of modules',
        grant: `ALTER ROLE ${identifier(this.#server.role)} CREATEROLE;`,
      })
    })
    const after = await findLack(owner, wanted)
    if (isComplete(after)) return
    throw dataRightMissing(this.#rights('change who may connect'))
  }

  async #migrate({ module, streams }: Pending): Promise<void> {
    const login = loginOf(module, 'owner')
    const connection = await this.#server.connect(login)
    const { clock } = this.#world
    try {
      await runScript(connection, ownerScript(module, this.#server.role))
      for (const { stream, files } of streams) {
        await applyMigrations(connection, { stream, files, clock })
      }
    } finally {
      await connection.close()
    }
  }

  async #pending(owner: Connection, wanted: readonly WantedModule[]): Promise<Pending[]> {
    const applied = await readApplied(owner, wanted)
    const all = wanted.map((module) => {
      const rows = applied.filter((row) => row.module === module.module)
      const own = this.#modules.find((candidate) => candidate.name === module.module)?.files ?? []
      const streams = [...this.#streams, { name: 'module', files: own }].map(({ name, files }) => {
        const known = rows.filter(({ stream }) => stream === name)
        return { stream: name, files: pendingMigrations(module.module, files, known) }
      })
      return { module, streams: streams.filter(({ files }) => files.length > 0) }
    })
    return all.filter(({ streams }) => streams.length > 0)
  }

  #wanted(installation: Installation): WantedModule[] {
    return this.#modules.map(({ name }) => wantedModule(name, installation))
  }

  #rights(step: string): MissingRight {
    const { role, database } = this.#server
    const grant = `ALTER DATABASE ${identifier(database)} OWNER TO ${identifier(role)};`
    return { role, step, grant }
  }
}

/** How to connect as one of a module's roles. */
export function loginOf(
  module: WantedModule,
  kind: 'owner' | 'writer' | 'reader',
): { readonly role: string; readonly password: string } {
  const role = module.roles[kind]
  const password = module.wanted.find((candidate) => candidate.name === role)?.password ?? ''
  return { role, password }
}

async function readAll(modules: readonly ModuleTables[]): Promise<ModuleFiles[]> {
  return Promise.all(
    modules.map(async ({ name, migrations }) => ({
      name,
      files: await readMigrations(migrations),
    })),
  )
}

/** What has been applied, of all modules in one statement. */
async function readApplied(
  owner: Connection,
  wanted: readonly WantedModule[],
): Promise<AppliedMigration[]> {
  const known = await ask(
    owner,
    `select name from unnest($1::text[]) as wanted (name)
     where to_regclass(quote_ident(name) || '.banyan_migration') is not null`,
    [wanted.map((module) => module.schema)],
  )
  const schemas = new Set(known.rows.map((row) => row['name']))
  const parts = wanted
    .filter(({ schema }) => schemas.has(schema))
    .map(({ module, schema }) => {
      return `select '${module}' as module, stream, number, file, checksum from "${schema}".banyan_migration`
    })
  if (parts.length === 0) return []
  const { rows } = await ask(owner, `${parts.join(' union all ')} order by module, stream, number`)
  return rows as unknown[] as AppliedMigration[]
}

function asRightMissing(problem: unknown, details: MissingRight): unknown {
  if (!isProblem(problem) || problem.cause !== 'server' || problem.sqlState !== '42501')
    return problem
  return dataRightMissing(details, { cause: problem })
}
