import {
  endAbandoned,
  type InstanceTask,
  Lifeline,
  readPlannedSystem,
  takeOrders,
} from '../../cluster/index.ts'
import { createSystemClock, createSystemRandom } from '../../kernel/index.ts'
import { type Runtime, startRuntime } from '../../runtime/index.ts'
import { exitCodeOfError, exitCodes } from '../exit-codes.ts'
import { handleFatalErrors } from '../fatal-errors.ts'
import { wrongTask } from '../keep/wrong-task.ts'
import { loadProject } from '../load-application.ts'
import { settingsOf } from '../project-settings.ts'
import { formatError } from '../report-error.ts'
import { watchStopSignals } from '../stop-signal.ts'
import { printError } from '../terminal.ts'
import { announce, logFatal } from './start.ts'

/** `banyan instance`, for the supervisor: one instance of a service, until it is told to stop or its
 *  supervisor stays away. */
export async function instance(folder: string): Promise<void> {
  const orders = takeOrders(process.env)
  const { task } = orders
  if (task.kind !== 'instance') throw wrongTask(task)
  const clock = createSystemClock()
  const signals = watchStopSignals(clock)
  let runtime: Runtime | undefined
  const lifeline = new Lifeline({
    orders: orders.lifeline,
    clock,
    random: createSystemRandom(),
    inFlight: () => runtime?.instance.calls.inFlight() ?? 0,
  })
  try {
    const told = Promise.race([signals.first, lifeline.ended])
    const starting = start(folder, task)
    runtime = await Promise.race([starting, told.then(() => undefined)])
    // Nobody was told of it yet.
    if (runtime === undefined) process.exit(exitCodes.ok)
    const { logs } = runtime.instance.calls.telemetry
    handleFatalErrors((error) => logFatal(logs, error))
    lifeline.ready(reportOf(runtime))
    const lost = await Promise.race([told.then(() => undefined), runtime.lost])
    if (lost !== undefined) await logFatal(logs, lost)
    lifeline.draining()
    await runtime.stop()
    const reason = lost === undefined ? await told : undefined
    if (reason?.why === 'abandoned') await endAbandoned(clock, 'instance', orders)
    lifeline.close()
    process.exit(lost === undefined ? exitCodes.ok : exitCodeOfError(lost))
  } catch (error) {
    printError(formatError(error, true))
    const exitCode = exitCodeOfError(error)
    await lifeline.failed(error, exitCode === exitCodes.configuration)
    process.exit(exitCode)
  }
}

async function start(folder: string, task: InstanceTask): Promise<Runtime> {
  const project = await loadProject(folder)
  const { plan } = readPlannedSystem(task.planFile)
  const settings = settingsOf(project.folder)
  const { service, id, peers, directoryFile, http, certificates } = task
  const runtime = await startRuntime({
    application: project.application,
    version: project.version,
    settings: {
      ...settings,
      databaseUrl: task.databaseUrl ?? settings.databaseUrl,
      drainNoticeMs: plan.drain.noticeMs,
      drainDeadlineMs: plan.drain.deadlineMs,
    },
    placement: {
      ...{ plan, service, id, peers, directoryFile },
      ...(http === undefined ? {} : { http }),
      ...(certificates === undefined ? {} : { certificates }),
    },
  })
  announce(runtime, project, plan.services.find(({ name }) => name === service)?.modules)
  return runtime
}

function reportOf({ peers, url }: Runtime): Parameters<Lifeline['ready']>[0] {
  return { ...(peers === undefined ? {} : { peers }), ...(url === '' ? {} : { url }) }
}
