import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSystemClock } from '../../kernel/index.ts'
import { DevOutput } from '../dev/dev-output.ts'
import { DevSession } from '../dev/dev-session.ts'
import { exitCodes } from '../exit-codes.ts'
import { watchStopSignals } from '../stop-signal.ts'

/** What `banyan dev` was told. */
export interface DevFlags {
  readonly host?: string
  readonly port?: number
  readonly json?: boolean
}

/** `banyan dev`: the embedded PostgreSQL, companions, the application in a child process that is
 *  replaced when sources change. Ends the process after everything has stopped. */
export async function dev(flags: DevFlags, target: string): Promise<void> {
  const clock = createSystemClock()
  const signals = watchStopSignals(clock)
  const folder = path.resolve(target)
  const isVerbose = process.argv.includes('--verbose')
  const session = new DevSession({
    clock,
    folder,
    isVerbose,
    argv: childArguments(flags, folder, isVerbose),
    watched: watchedFolders(folder),
    output: new DevOutput(flags.json ?? false, (text) => void process.stdout.write(text)),
  })
  session.start()
  const stopped = signals.first.then(() => exitCodes.ok)
  const exitCode = await Promise.race([stopped, session.failed])
  void signals.second.then(() => session.hasten())
  await session.stop()
  process.exit(exitCode)
}

const isSource = import.meta.url.endsWith('.ts')

/** Filling the databases grows V8's young generation to 48 MB, which it then keeps; development needs
 *  the memory more than the last percent of throughput. */
const smallYoungGeneration = '--max-semi-space-size=4'

function childArguments(flags: DevFlags, folder: string, isVerbose: boolean): readonly string[] {
  const main = fileURLToPath(new URL(isSource ? '../main.ts' : '../main.js', import.meta.url))
  const { host, port } = flags
  return [
    ...process.execArgv,
    smallYoungGeneration,
    main,
    'start',
    folder,
    '--supervised',
    ...(host === undefined ? [] : ['--host', host]),
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(isVerbose ? ['--verbose'] : []),
  ]
}

/** The application's sources, and Banyan's own where both are worked on in one repository. */
function watchedFolders(folder: string): readonly string[] {
  const own = fileURLToPath(new URL('../..', import.meta.url))
  const repository = path.resolve(own, '..', '..')
  const isTogether = !path.relative(repository, folder).startsWith('..')
  return isSource && isTogether ? [folder, own] : [folder]
}
