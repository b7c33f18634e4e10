import { createPostgresServer } from '../../engines/postgres/client/index.ts'
import { probeEmbeddedPostgres } from '../../engines/postgres/embedded/index.ts'
import { asBanyanError, type Clock } from '../../kernel/index.ts'
import { readModuleConfig, type Settings } from '../../runtime/index.ts'
import type { RunningInstance } from '../instance-file.ts'
import { loadProject } from '../load-application.ts'
import { type ListenFlags, settingsOf } from '../project-settings.ts'
import { type Examination, fail, ok, warn } from './examination.ts'

/** The settings of the environment, and whether they can be read. */
export function examineSettings(
  folder: string,
  flags: ListenFlags,
): {
  readonly settings: Settings | undefined
  readonly examination: Examination
} {
  try {
    const settings = settingsOf(folder, flags)
    return { settings, examination: ok('settings', `local state in ${settings.folder}`) }
  } catch (error) {
    return { settings: undefined, examination: failedBy('settings', error) }
  }
}

/** Whether the application loads and its modules find their settings. */
export async function examineApplication(folder: string): Promise<readonly Examination[]> {
  try {
    const { application } = await loadProject(folder)
    const missing = application.modules.flatMap((module) => {
      try {
        readModuleConfig(module, process.env)
        return []
      } catch (error) {
        return [failedBy('settings', error)]
      }
    })
    return [ok('app', `${application.name}, ${application.modules.length} modules`), ...missing]
  } catch (error) {
    return [failedBy('app', error)]
  }
}

/** Whether the database that would be used can be reached or started. */
export async function examineDatabase(
  { databaseUrl }: Settings,
  running: RunningInstance | undefined,
  clock: Clock,
): Promise<Examination> {
  try {
    if (databaseUrl !== undefined) return await examineServer(databaseUrl)
    if (running !== undefined) return ok('postgres', `embedded, used by process ${running.pid}`)
    const { version, launcher, packageName } = await probeEmbeddedPostgres(clock)
    return ok('postgres', `embedded ${version} of ${packageName}, run ${launcher}`)
  } catch (error) {
    return failedBy('postgres', error)
  }
}

/** Who holds the folder of local state. */
export function examineLock(settings: Settings, running: RunningInstance | undefined): Examination {
  if (running === undefined) return ok('lock', `${settings.folder} is free`)
  const text = `process ${running.pid} serves this folder at ${running.url}`
  return warn('lock', text, 'End it before you start another one on this folder.')
}

async function examineServer(url: string): Promise<Examination> {
  const server = createPostgresServer({ url })
  try {
    const connection = await server.connect()
    await connection.close()
    return ok('postgres', `${server.address} accepts connections`)
  } catch (error) {
    const { message } = error as { message?: string }
    const fix = 'Start it, or correct DATABASE_URL.'
    return fail('postgres', `${server.address}: ${message ?? String(error)}`, fix)
  }
}

function failedBy(name: string, error: unknown): Examination {
  const { code, message, fix } = asBanyanError(error)
  return fail(name, `${code}  ${message}`, fix)
}
