import { Lifeline, type Task, takeOrders } from '../../cluster/index.ts'
import { type Clock, createSystemClock, createSystemRandom } from '../../kernel/index.ts'
import { exitCodeOfError, exitCodes } from '../exit-codes.ts'
import { wrongTask } from '../keep/wrong-task.ts'
import { formatError } from '../report-error.ts'
import { printError } from '../terminal.ts'

/** `banyan prepare`, for the supervisor: does what must be done once before instances start, and ends. */
export async function prepare(folder: string): Promise<void> {
  const { task, lifeline: orders } = takeOrders(process.env)
  const clock = createSystemClock()
  const lifeline = new Lifeline({ orders, clock, random: createSystemRandom() })
  void lifeline.ended.then(() => process.exit(exitCodes.unavailable))
  try {
    await run(task, folder, clock)
    lifeline.close()
    process.exit(exitCodes.ok)
  } catch (error) {
    printError(formatError(error, false))
    await lifeline.failed(error, true)
    process.exit(exitCodeOfError(error))
  }
}

async function run(task: Task, folder: string, clock: Clock): Promise<void> {
  switch (task.kind) {
    case 'prepare':
      return migrate(task, folder)
    case 'certificates': {
      const { ensureCertificates } = await import('../../engines/authority/index.ts')
      await ensureCertificates({ ...task, clock })
      return
    }
    default:
      throw wrongTask(task)
  }
}

/** Starts the whole application in this process, without listeners, and stops it again: that migrates
 *  every module, and fills empty databases with all modules at hand. */
async function migrate(task: Extract<Task, { kind: 'prepare' }>, folder: string): Promise<void> {
  const { loadProject } = await import('../load-application.ts')
  const { settingsOf } = await import('../project-settings.ts')
  const { startRuntime } = await import('../../runtime/index.ts')
  const project = await loadProject(folder)
  const settings = settingsOf(project.folder)
  const runtime = await startRuntime({
    application: project.application,
    version: project.version,
    settings: { ...settings, databaseUrl: task.databaseUrl ?? settings.databaseUrl },
    seed: task.isSeeding,
    listen: false,
    schedules: false,
  })
  await runtime.stop()
}
