import path from 'node:path'
import {
  askSupervisor,
  clusterNotRunning,
  type Request,
  type RunFolder,
  runFolderAt,
} from '../../cluster/index.ts'
import { createSystemClock } from '../../kernel/index.ts'
import { settingsOf } from '../project-settings.ts'
import { watchStopSignals } from '../stop-signal.ts'
import { printError } from '../terminal.ts'
import { UpOutput } from './up-output.ts'

/** What a command asks the supervisor of a folder, and shows of what happens meanwhile. */
export interface Question {
  readonly folder: RunFolder
  readonly request: Request
  readonly isJson: boolean
  /** Whether lines of the processes are shown; events always are. */
  readonly hasLines: boolean
  /** Said when the one who asks leaves before the answer. */
  readonly leaving: string
}

/** Where the supervisor of an application's folder keeps its things. */
export function runFolderOf(folder: string): RunFolder {
  return runFolderAt(settingsOf(path.resolve(folder)).folder)
}

/** Asks, and prints what happens until the answer comes. A Ctrl-C only leaves: what was asked for goes
 *  on.
 *  @returns the answer; undefined when this process left before
 *  @throws CLUSTER_NOT_RUNNING · CLUSTER_SUPERVISOR_LOST · the error it answered with */
export async function ask(question: Question): Promise<unknown> {
  const { folder, request, isJson, hasLines, leaving } = question
  const clock = createSystemClock()
  const leave = new AbortController()
  void watchStopSignals(clock).first.then(() => leave.abort())
  const output = new UpOutput({
    isJson,
    hasLines,
    write: (text) => void process.stdout.write(text),
    took: () => '',
  })
  const answer = await askSupervisor(request, {
    folder,
    clock,
    signal: leave.signal,
    onEvent: (event) => output.tell(event),
  })
  if (leave.signal.aborted && leaving !== '') printError(`  ${leaving}`)
  return answer
}

/** Asks for what is answered at once; undefined when no supervisor runs. */
export async function tryAsk(folder: RunFolder, request: Request): Promise<unknown> {
  try {
    return await askSupervisor(request, { folder, clock: createSystemClock() })
  } catch (error) {
    if (clusterNotRunning.is(error)) return undefined
    throw error
  }
}
