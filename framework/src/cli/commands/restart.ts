import { print } from '../terminal.ts'
import { ask, runFolderOf } from '../up/ask.ts'

/** `banyan restart`: starts instances anew, one after the other, without a failed request. */
export async function restart(
  flags: { readonly json?: boolean },
  target: string,
  folder: string,
): Promise<void> {
  const isJson = flags.json ?? false
  const answer = await ask({
    folder: runFolderOf(folder),
    request: { type: 'request', command: 'restart', target },
    isJson,
    hasLines: false,
    leaving: 'the restart goes on; `banyan ps` shows how far it is',
  })
  if (answer === undefined) return
  const { restarted } = answer as { readonly restarted: readonly string[] }
  if (isJson) print(JSON.stringify({ type: 'restarted', restarted }))
  else print(`  restarted ${restarted.join(', ')}`)
}
