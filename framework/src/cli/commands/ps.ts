import { clusterNotRunning, type ProcessTable, tryReadSurvivors } from '../../cluster/index.ts'
import { createSystemClock } from '../../kernel/index.ts'
import { print } from '../terminal.ts'
import { runFolderOf, tryAsk } from '../up/ask.ts'
import { processText } from '../up/process-text.ts'

/** `banyan ps`: what runs of an application's topology, also when its supervisor was killed. */
export async function ps(flags: { readonly json?: boolean }, folder: string): Promise<void> {
  const run = runFolderOf(folder)
  const answer = await tryAsk(run, { type: 'request', command: 'ps' })
  const found = answer ?? (await tryReadSurvivors(run, createSystemClock().nowMs()))
  if (found === undefined) throw clusterNotRunning({ folder: run.root })
  const table = found as ProcessTable
  print(
    flags.json === true ? JSON.stringify({ schema: 'banyan.ps/1', ...table }) : processText(table),
  )
}
