import { parseSettings, type Runtime, type Settings, startRuntime } from '../../runtime/index.ts'
import type { ToChild, ToParent } from '../dev/messages.ts'
import { exitCodes } from '../exit-codes.ts'
import { loadProject, type Project } from '../load-application.ts'
import { waitForStop } from '../stop-signal.ts'

export interface StartFlags {
  readonly host?: string
  readonly port?: number
  readonly seed?: boolean
}

/** `banyan start`: runs the application in this process until it is told to stop. */
export async function start(flags: StartFlags, folder: string): Promise<void> {
  const stop = waitForStop()
  const project = await loadProject(folder)
  const settings = settingsFor(flags)
  const runtime = await startRuntime({
    application: project.application,
    settings,
    seed: flags.seed ?? false,
  })
  announce(runtime, project)
  await stop
  await runtime.stop()
  process.exitCode = exitCodes.ok
  process.disconnect?.()
}

/** The same under `banyan dev`: the parent owns the database and says when to begin. */
export async function startSupervised(flags: StartFlags, folder: string): Promise<void> {
  const stop = waitForStop()
  const begin = nextMessage()
  const project = await loadProject(folder)
  const { name, modules } = project.application
  const { companions } = project
  tell({ type: 'loaded', name, modules: modules.map(({ contract }) => contract.name), companions })
  const orders = await Promise.race([begin, stop])
  if (typeof orders === 'string') return
  const settings = { ...settingsFor(flags), databaseUrl: orders.databaseUrl, drainNoticeMs: 0 }
  const runtime = await startRuntime({ application: project.application, settings, seed: true })
  announce(runtime, project)
  tell({ type: 'ready', url: runtime.url })
  await stop
  await runtime.stop()
  process.exit(exitCodes.ok)
}

function settingsFor({ host, port }: StartFlags): Settings {
  const settings = parseSettings(process.env)
  return {
    ...settings,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  }
}

function announce(runtime: Runtime, { application }: Project): void {
  const { logs } = runtime.instance.calls.telemetry
  const modules = application.modules.map(({ contract }) => contract.name)
  logs.log('info', { url: runtime.url, database: runtime.databaseLabel, modules }, 'listening')
}

function tell(message: ToParent): void {
  process.send?.(message)
}

function nextMessage(): Promise<ToChild> {
  return new Promise(
    (resolve) => void process.once('message', (message) => resolve(message as ToChild)),
  )
}
