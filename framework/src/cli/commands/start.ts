import { asBanyanError, createSystemClock } from '../../kernel/index.ts'
import { type Runtime, startRuntime } from '../../runtime/index.ts'
import type { Logs } from '../../telemetry/index.ts'
import { exitCodeOfError, exitCodes } from '../exit-codes.ts'
import { handleFatalErrors } from '../fatal-errors.ts'
import { loadProject, type Project } from '../load-application.ts'
import { type ListenFlags, settingsOf } from '../project-settings.ts'
import { watchStopSignals } from '../stop-signal.ts'

export interface StartFlags extends ListenFlags {
  readonly seed?: boolean
}

/** `banyan start`: runs the application in this process until it is told to stop. */
export async function start(flags: StartFlags, folder: string): Promise<void> {
  const signals = watchStopSignals(createSystemClock())
  void signals.second.then(() => process.exit(exitCodes.interrupted))
  const project = await loadProject(folder)
  const runtime = await startRuntime({
    application: project.application,
    settings: settingsOf(project.folder, flags),
    version: project.version,
    seed: flags.seed ?? false,
  })
  handleFatalErrors((error) => logFatal(runtime.instance.calls.telemetry.logs, error))
  announce(runtime, project)
  const lost = await Promise.race([signals.first, runtime.lost])
  if (lost !== undefined) await logFatal(runtime.instance.calls.telemetry.logs, lost)
  await runtime.stop()
  process.exit(lost === undefined ? exitCodes.ok : exitCodeOfError(lost))
}

/** The one line that says where the instance serves, and which modules: all unless given. */
export function announce(
  runtime: Runtime,
  { application }: Project,
  modules: readonly string[] = application.modules.map(({ contract }) => contract.name),
): void {
  const { logs } = runtime.instance.calls.telemetry
  logs.log('info', { url: runtime.url, database: runtime.databaseLabel, modules }, 'listening')
}

/** Writes what nobody caught, before the process ends. */
export async function logFatal(logs: Logs, error: unknown): Promise<void> {
  const coded = asBanyanError(error)
  logs.log('fatal', { code: coded.code, err: coded }, coded.message)
  await logs.flush()
}
