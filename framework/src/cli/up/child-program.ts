import { getCompileCacheDir } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Task } from '../../cluster/index.ts'

const isSource = import.meta.url.endsWith('.ts')
const main = fileURLToPath(new URL(isSource ? '../main.ts' : '../main.js', import.meta.url))

/** Keepers do next to nothing: they need no room for young objects. */
const small = ['--max-semi-space-size=1']

/** The command line of another process of Banyan. */
export function childProgram(words: readonly string[]): readonly string[] {
  return [process.execPath, ...process.execArgv, main, ...words]
}

/** The program that does a task of the supervisor. Its folder is in its command line for people who
 *  look; what it does is in its orders. */
export function programOf(
  folder: string,
): (task: Task) => { readonly command: readonly string[]; readonly cwd: string } {
  return (task) => ({ command: commandOf(task, folder), cwd: folder })
}

function commandOf(task: Task, folder: string): readonly string[] {
  switch (task.kind) {
    case 'instance':
      return childProgram(['instance', task.id, folder])
    case 'gateway':
      return smallProgram(['keep', 'haproxy', folder])
    case 'postgres':
    case 'companion':
      return smallProgram(['keep', task.kind, folder])
    case 'prepare':
      return childProgram(['prepare', 'database', folder])
    case 'certificates':
      return childProgram(['prepare', 'certificates', folder])
  }
}

function smallProgram(words: readonly string[]): readonly string[] {
  const [program = '', ...rest] = childProgram(words)
  return [program, ...small, ...rest]
}

/** The environment of processes of the supervisor: its own, without what npm left in it (they would take
 *  npm's end for theirs), and with the compile cache on from the first module. */
export function childEnvironment(): Readonly<Record<string, string | undefined>> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))
  const cache = getCompileCacheDir()
  const caching = cache === undefined ? {} : { NODE_COMPILE_CACHE: path.dirname(cache) }
  return { ...caching, ...Object.fromEntries(own) }
}
