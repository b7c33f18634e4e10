import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this repository. */
export const repositoryRoot: string = fileURLToPath(new URL('..', import.meta.url)).replace(
  /\/$/,
  '',
)

/** Every file that belongs to the repository at `root`: tracked, and new ones that git does not ignore.
 *  Paths are relative with `/`, sorted. Files deleted from the work tree are left out.
 *  @throws when `root` is no git work tree: a check that sees nothing must not pass. */
export function listFiles(root: string): string[] {
  const output = execFileSync(
    'git',
    ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '.'],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  const files = new Set(output.split('\0').filter((file) => file !== ''))
  return [...files].filter((file) => existsSync(join(root, file))).sort()
}
