import { globSync } from 'node:fs'
import { posix, sep } from 'node:path'
import type { Violation } from '../framework/src/boundary/index.ts'
import { rules } from './boundary-rules.ts'
import type { Law } from './law.ts'

/** Compares what git lists with what lies in the source folder: a file on one side only would be
 *  checked by nobody (or shipped by nobody). */
export function unseenFiles(root: string, listed: readonly string[], law: Law): Violation[] {
  const pattern = posix.join(law.source, '**/*.{ts,tsx,mts,cts}')
  const onDisk = new Set(globSync(pattern, { cwd: root }).map((file) => file.split(sep).join('/')))
  const seen = new Set(listed)
  const unlisted = [...onDisk].filter((file) => !seen.has(file))
  return unlisted.sort().map((file) => ({
    code: rules.filesUnseen.code,
    file,
    line: 1,
    column: 1,
    message: `${file} lies in the source folder, but git ignores it`,
    why: rules.filesUnseen.why,
    fix: 'Rename it or take it out of .gitignore.',
    frame: '',
  }))
}
