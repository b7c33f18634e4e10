import path from 'node:path'
import { createSystemClock, sleep } from '../../kernel/index.ts'
import { startRuntime } from '../../runtime/index.ts'
import { isMendable } from '../dev/mendable.ts'
import type { ToChild, ToParent } from '../dev/messages.ts'
import { exitCodeOfError, exitCodes } from '../exit-codes.ts'
import { handleFatalErrors } from '../fatal-errors.ts'
import { loadProject, wantedCompanions } from '../load-application.ts'
import { type ListenFlags, settingsOf } from '../project-settings.ts'
import { errorFields, formatError } from '../report-error.ts'
import { watchStopSignals } from '../stop-signal.ts'
import { announce, logFatal } from './start.ts'

/** Longest life of this process after its parent is gone. */
const orphanMs = 8_000

/** The application's process under `banyan dev`: the parent owns the database, is told each step, and
 *  says when to begin. It ends with its parent. */
export async function startSupervised(flags: ListenFlags, folder: string): Promise<void> {
  const clock = createSystemClock()
  const signals = watchStopSignals(clock, { withParent: true })
  process.once('disconnect', () => {
    void sleep(clock, orphanMs).then(() => process.exit(exitCodes.unavailable))
  })
  try {
    await serve(flags, folder, signals.first)
    process.exit(exitCodes.ok)
  } catch (error) {
    const exitCode = exitCodeOfError(error)
    const fields = { code: '', ...errorFields(error) }
    const text = formatError(error, process.argv.includes('--verbose'))
    await tell({ type: 'failed', error: fields, text, exitCode, isMendable: isMendable(error) })
    process.exit(exitCode)
  }
}

async function serve(flags: ListenFlags, folder: string, stop: Promise<void>): Promise<void> {
  const begin = nextMessage()
  const settings = settingsOf(path.resolve(folder), flags)
  const { databaseUrl, folder: stateFolder } = settings
  await tell({ type: 'configured', stateFolder, databaseUrl })
  const project = await loadProject(folder)
  const { application, companions, version } = project
  await tell({
    type: 'loaded',
    name: application.name,
    modules: application.modules.map(({ contract }) => contract.name),
    needsDatabase: application.modules.some(({ tables }) => tables !== undefined),
    companions: wantedCompanions(companions, settings.moduleVariables),
  })
  const orders = await Promise.race([begin, stop])
  if (orders === undefined) return
  const runtime = await startRuntime({
    application,
    // Nobody balances load here, so there is nobody to give notice to.
    settings: { ...settings, databaseUrl: orders.databaseUrl, drainNoticeMs: 0 },
    version,
    seed: true,
  })
  handleFatalErrors((error) => logFatal(runtime.instance.calls.telemetry.logs, error))
  announce(runtime, project)
  await tell({ type: 'ready', url: runtime.url })
  await stop
  await runtime.stop()
}

/** Resolves when the message has left, or nobody listens any more. */
function tell(message: ToParent): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve()
    process.send(message, undefined, {}, () => resolve())
  })
}

function nextMessage(): Promise<ToChild> {
  return new Promise(
    (resolve) => void process.once('message', (message) => resolve(message as ToChild)),
  )
}
