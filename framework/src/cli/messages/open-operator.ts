import path from 'node:path'
import { type Database, openDatabase } from '../../data/index.ts'
import { createPostgresServer } from '../../engines/postgres/client/index.ts'
import { startEmbeddedPostgres } from '../../engines/postgres/embedded/index.ts'
import { createWorld, type World } from '../../kernel/index.ts'
import { MessageOperator, messageTables } from '../../messages/index.ts'
import type { Module } from '../../module/index.ts'
import type { Settings } from '../../runtime/index.ts'
import { createMemorySink, createTelemetry } from '../../telemetry/index.ts'
import { tryReadInstance } from '../instance-file.ts'
import { loadProject } from '../load-application.ts'
import { settingsOf } from '../project-settings.ts'

/** An operator of an application's messages; closes what was opened for it. */
export interface OpenOperator extends AsyncDisposable {
  readonly operator: MessageOperator
}

/** Reaches the messages of the application in `folder`: on the server of DATABASE_URL, on the database of
 *  what runs on the folder now, or on the embedded PostgreSQL, started for the while.
 *  @throws CLI_APPLICATION_… · POSTGRES_EMBEDDED_… · DATA_UNAVAILABLE and what keeps it from being prepared */
export async function openOperator(folder: string): Promise<OpenOperator> {
  const { application, folder: root } = await loadProject(folder)
  const { modules } = application
  const stack = new AsyncDisposableStack()
  try {
    const world = createWorld()
    const url = await findDatabase(settingsOf(root), world, stack)
    const { name: applicationName } = application
    const { statementNames } = settingsOf(root)
    const database = await openTables(modules, {
      ...{ world, url, applicationName, statementNames },
    })
    stack.defer(() => database.close())
    const operator = new MessageOperator({ modules, database, world })
    return { operator, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

async function findDatabase(
  settings: Settings,
  { clock }: World,
  stack: AsyncDisposableStack,
): Promise<string> {
  if (settings.databaseUrl !== undefined) return settings.databaseUrl
  const running = await tryReadInstance(settings.folder)
  if (running?.databaseUrl !== undefined) return running.databaseUrl
  const folder = path.resolve(settings.folder, 'postgres')
  const embedded = await startEmbeddedPostgres({ folder, clock })
  stack.defer(() => embedded.stop())
  return embedded.url
}

function openTables(
  modules: readonly Module[],
  given: {
    readonly world: World
    readonly url: string
    readonly applicationName: string
    readonly statementNames: boolean
  },
): Promise<Database> {
  const { world, ...server } = given
  const { clock, random } = world
  return openDatabase({
    server: createPostgresServer(server),
    modules: modules.flatMap(({ contract, tables }) =>
      tables === undefined ? [] : [{ name: contract.name, migrations: tables.migrations }],
    ),
    streams: { messages: messageTables },
    world,
    telemetry: createTelemetry({ clock, random, service: 'banyan', sink: createMemorySink() }),
  })
}
