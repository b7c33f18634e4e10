import { ask, runFolderOf } from '../up/ask.ts'

/** `banyan attach`: shows what a running supervisor shows; a Ctrl-C ends the showing only. */
export async function attach(flags: { readonly json?: boolean }, folder: string): Promise<void> {
  await ask({
    folder: runFolderOf(folder),
    request: { type: 'request', command: 'attach' },
    isJson: flags.json ?? false,
    hasLines: true,
    leaving: '',
  })
}
