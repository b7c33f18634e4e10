import { spawn } from 'node:child_process'
import { exitCodes } from '../exit-codes.ts'
import { childProgram } from './child-program.ts'
import type { ResolvedSystem } from './planned-system.ts'

/** What is given on the command line of a topology. */
export interface TopologyArguments {
  readonly topologyFile: string
  readonly folder: string | undefined
  readonly set: readonly string[]
}

/** Loads an application and a topology in another process. What is wrong with them is written to
 *  standard error by it, in the form that was asked for.
 *  @param stop  ends the other process: nobody waits for the answer any more
 *  @returns what was found, or the exit code of the process that found nothing */
export function resolveApart(
  { topologyFile, folder, set }: TopologyArguments,
  stop: Promise<void>,
): Promise<ResolvedSystem | number> {
  const forms = process.argv.filter((word) => word === '--json' || word === '--verbose')
  const sets = set.flatMap((value) => ['--set', value])
  const places = folder === undefined ? [topologyFile] : [topologyFile, folder]
  const [program = '', ...args] = childProgram(['resolve', ...places, ...sets, ...forms])
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let isStopped = false
    void stop.then(() => {
      isStopped = true
      child.kill()
    })
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += String(chunk)
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (isStopped) resolve(exitCodes.ok)
      else if (code !== 0) resolve(code ?? exitCodes.failed)
      else resolve(JSON.parse(text) as ResolvedSystem)
    })
  })
}
