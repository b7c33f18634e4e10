import { cpSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { listFiles, repositoryRoot } from './repository.ts'
import { runCommand } from './run-command.ts'

/** Emits the package: JavaScript and types of framework/src into framework/dist, and beside them the
 *  files that rooms read at run time (SQL, the API page). */
const source = join(repositoryRoot, 'framework', 'src')
const target = join(repositoryRoot, 'framework', 'dist')

/** Files of framework/src that are read at run time rather than imported. */
export function findAssets(files: readonly string[]): string[] {
  return files.filter(
    (file) => file.startsWith('framework/src/') && /\.(sql|html|css|js)$/.test(file),
  )
}

async function main(): Promise<number> {
  rmSync(target, { recursive: true, force: true })
  const { code, output } = await runCommand('tsc', ['-p', 'framework'], {
    cwd: repositoryRoot,
    timeoutMs: 120_000,
  })
  if (code !== 0) {
    console.error(output)
    return 1
  }
  const assets = findAssets(listFiles(repositoryRoot))
  for (const file of assets) {
    cpSync(join(repositoryRoot, file), join(target, relative(source, join(repositoryRoot, file))))
  }
  console.log(`framework/dist is built, with ${assets.length} files that are read at run time`)
  return 0
}

if (import.meta.main) process.exitCode = await main()
