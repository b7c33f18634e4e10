import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Where `banyan dev` serves, for other commands on the same folder. */
export interface RunningInstance {
  readonly url: string
  /** Of the process that serves. */
  readonly pid: number
  readonly databaseUrl: string | undefined
}

/** Only its owner may read it: it names the database. */
export async function writeInstance(stateFolder: string, instance: RunningInstance): Promise<void> {
  await mkdir(stateFolder, { recursive: true, mode: 0o700 })
  await writeFile(fileOf(stateFolder), JSON.stringify(instance), { mode: 0o600 })
}

export async function removeInstance(stateFolder: string): Promise<void> {
  await rm(fileOf(stateFolder), { force: true })
}

/** The instance that serves this folder now, or undefined; what a killed one left does not count. */
export async function tryReadInstance(stateFolder: string): Promise<RunningInstance | undefined> {
  try {
    const found = JSON.parse(await readFile(fileOf(stateFolder), 'utf8')) as RunningInstance
    process.kill(found.pid, 0)
    return found
  } catch {
    return undefined
  }
}

function fileOf(stateFolder: string): string {
  return path.join(stateFolder, 'instance.json')
}
