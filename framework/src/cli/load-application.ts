import { access } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { BanyanError } from '../kernel/index.ts'
import type { Application } from '../module/index.ts'
import { cliApplicationBroken, cliApplicationMissing } from './errors.ts'

/** A process that development starts beside the application. It must end when its standard input
 *  closes, so that it never outlives its owner. */
export interface Companion {
  readonly name: string
  /** The command line; `node` means the Node that runs Banyan. */
  readonly command: readonly string[]
  /** Answers 2xx once the companion is ready. */
  readonly ready?: string
  readonly env?: Readonly<Record<string, string>>
}

/** What an application's folder says of itself. */
export interface Project {
  readonly folder: string
  readonly application: Application
  readonly companions: readonly Companion[]
}

/** Loads `<folder>/banyan.ts`.
 *  @throws CLI_APPLICATION_MISSING · CLI_APPLICATION_BROKEN · the coded error of the declaration */
export async function loadProject(folder: string): Promise<Project> {
  const file = await findEntry(path.resolve(folder))
  const loaded = await importEntry(file)
  const { application, companions = [] } = loaded as Partial<Project>
  if (typeof application?.name !== 'string' || !Array.isArray(application.modules)) {
    throw cliApplicationBroken({ file, cause: 'it exports no `application`' })
  }
  return { folder: path.resolve(folder), application, companions }
}

async function findEntry(folder: string): Promise<string> {
  for (const name of ['banyan.ts', 'banyan.js', 'banyan.mjs']) {
    const file = path.join(folder, name)
    try {
      await access(file)
      return file
    } catch {}
  }
  throw cliApplicationMissing({ folder })
}

async function importEntry(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    if (error instanceof BanyanError) throw error
    const cause = error instanceof Error ? error.message : String(error)
    throw cliApplicationBroken({ file, cause }, { cause: error })
  }
}
