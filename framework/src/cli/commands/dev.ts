import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSettings } from '../../runtime/index.ts'
import { DevOutput } from '../dev/dev-output.ts'
import { DevSession } from '../dev/dev-session.ts'
import { waitForStop } from '../stop-signal.ts'

export interface DevFlags {
  readonly host?: string
  readonly port?: number
  readonly json?: boolean
}

/** `banyan dev`: the embedded PostgreSQL, companions, the application in a child process that is
 *  replaced when sources change. Returns after everything has stopped. */
export async function dev(flags: DevFlags, folder: string): Promise<void> {
  const stop = waitForStop()
  const output = new DevOutput(flags.json ?? false, (text) => void process.stdout.write(text))
  const session = new DevSession({
    folder: path.resolve(folder),
    settings: parseSettings(process.env),
    argv: childArguments(flags, folder),
    watched: watchedFolders(folder),
    output,
  })
  try {
    await session.start()
    await stop
  } finally {
    await session.stop()
  }
}

function childArguments({ host, port }: DevFlags, folder: string): readonly string[] {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const file = import.meta.url.endsWith('.ts') ? main : main.replace(/\.ts$/, '.js')
  return [
    ...process.execArgv,
    file,
    'start',
    folder,
    '--supervised',
    ...(host === undefined ? [] : ['--host', host]),
    ...(port === undefined ? [] : ['--port', String(port)]),
  ]
}

/** The application's sources, and Banyan's own when it runs from source. */
function watchedFolders(folder: string): readonly string[] {
  const own = fileURLToPath(new URL('../..', import.meta.url))
  return import.meta.url.endsWith('.ts') ? [path.resolve(folder), own] : [path.resolve(folder)]
}
