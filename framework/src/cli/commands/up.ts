import { type Serving, Supervisor } from '../../cluster/index.ts'
import { type Clock, createSystemClock, formatDuration } from '../../kernel/index.ts'
import { exitCodeOfError, exitCodes } from '../exit-codes.ts'
import { removeInstance, writeInstance } from '../instance-file.ts'
import { reportError } from '../report-error.ts'
import { watchStopSignals } from '../stop-signal.ts'
import { printError } from '../terminal.ts'
import { childEnvironment, programOf } from '../up/child-program.ts'
import { OutputFlow } from '../up/output-flow.ts'
import type { ResolvedSystem } from '../up/planned-system.ts'
import { resolveApart } from '../up/resolve-apart.ts'
import { UpOutput } from '../up/up-output.ts'

export interface UpFlags {
  readonly set?: readonly string[]
  readonly seed?: boolean
  /** In milliseconds. */
  readonly grace?: number
  readonly json?: boolean
}

/** `banyan up`: supervises everything of a topology on this machine until it is told to stop. Ends the
 *  process after everything has stopped. */
export async function up(
  flags: UpFlags,
  topologyFile: string,
  folder: string | undefined,
): Promise<void> {
  const clock = createSystemClock()
  const signals = watchStopSignals(clock)
  const given = { topologyFile, folder, set: flags.set ?? [] }
  const resolved = await resolveApart(given, signals.first)
  if (typeof resolved === 'number') process.exit(resolved)
  const flow = new OutputFlow()
  const supervisor = await openSupervisor(flags, resolved, { clock, flow })
  const exitCode = await supervise(supervisor, resolved, {
    isSeeding: flags.seed ?? resolved.system.plan.database?.server === 'embedded',
    isJson: flags.json ?? false,
    stop: Promise.race([signals.first, flow.closed]),
    hasten: signals.second,
  })
  process.exit(exitCode)
}

async function openSupervisor(
  flags: UpFlags,
  { folder, stateFolder }: ResolvedSystem,
  { clock, flow }: { readonly clock: Clock; readonly flow: OutputFlow },
): Promise<Supervisor> {
  const output = new UpOutput({
    isJson: flags.json ?? false,
    hasLines: true,
    write: (text) => flow.write(text),
    // Counted from the start of this process.
    took: () => formatDuration(clock.monotonicMs()),
  })
  const supervisor: Supervisor = await Supervisor.open({
    stateFolder,
    clock,
    env: childEnvironment(),
    programOf: programOf(folder),
    onEvent: (event) => {
      output.tell(event)
      if (event.type === 'serving') void announce(stateFolder, event, supervisor.databaseUrl)
    },
    mayRead: () => flow.mayWrite,
    ...(flags.grace === undefined ? {} : { limits: { graceMs: flags.grace } }),
  })
  return supervisor
}

/** Tells other commands on the same folder where it serves. */
function announce(
  stateFolder: string,
  { urls: [url = ''] }: Serving,
  databaseUrl: string | undefined,
): Promise<void> {
  return writeInstance(stateFolder, { url, pid: process.pid, databaseUrl })
}

interface Supervision {
  readonly isSeeding: boolean
  readonly isJson: boolean
  readonly stop: Promise<void>
  readonly hasten: Promise<void>
}

/** @returns the exit code */
async function supervise(
  supervisor: Supervisor,
  { system, stateFolder }: ResolvedSystem,
  { isSeeding, isJson, stop, hasten }: Supervision,
): Promise<number> {
  const failed = supervisor.start(system, { isSeeding }).then(
    () => new Promise<never>(() => {}),
    (error: unknown) => ({ error }),
  )
  const end = await Promise.race([stop, supervisor.downRequested, failed])
  if (end !== undefined) {
    const isVerbose = process.argv.includes('--verbose')
    printError(reportError(end.error, { isJson, isVerbose }))
  }
  void hasten.then(() => supervisor.hasten())
  await supervisor.stop()
  await removeInstance(stateFolder)
  return end === undefined ? exitCodes.ok : exitCodeOfError(end.error)
}
