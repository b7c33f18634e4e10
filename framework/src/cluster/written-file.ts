import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Writes a file that others read at any moment: they see the old text or the new one, never half.
 *  Synchronous, so that what is recorded and what is done next cannot be overtaken by an event. */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.new`
  writeFileSync(draft, text, { mode: 0o600, flush: true })
  renameSync(draft, file)
}

/** The text of a file, or undefined when there is none. */
export function tryReadText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
