import { access, readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { BanyanError } from '../kernel/index.ts'
import type { Application } from '../module/index.ts'
import { cliApplicationBroken, cliApplicationMissing } from './errors.ts'

/** A process that development starts beside the application, in the application's folder. It must end
 *  when its standard input closes, so that it never outlives its owner. */
export interface Companion {
  readonly name: string
  /** The command line; `node` means the Node that runs Banyan. */
  readonly command: readonly string[]
  /** Answers 2xx once the companion is ready. */
  readonly ready?: string
  readonly env?: Readonly<Record<string, string>>
  /** It is not started when this variable is set: the application then uses the real service. */
  readonly unless?: string
}

/** The companions that are wanted where these variables are set. */
export function wantedCompanions(
  companions: readonly Companion[],
  variables: Readonly<Record<string, string | undefined>>,
): readonly Companion[] {
  return companions.filter(({ unless }) => unless === undefined || !variables[unless])
}

/** What an application's folder says of itself. */
export interface Project {
  /** Absolute. */
  readonly folder: string
  readonly application: Application
  readonly companions: readonly Companion[]
  /** Of its package.json; 0.0.0 without one. */
  readonly version: string
}

/** Loads `<folder>/banyan.ts`.
 *  @throws CLI_APPLICATION_MISSING · CLI_APPLICATION_BROKEN · the coded error of the declaration */
export async function loadProject(folder: string): Promise<Project> {
  const root = path.resolve(folder)
  const file = await findEntry(root)
  const { application, companions = [] } = (await importFile(file)) as Partial<Project>
  if (typeof application?.name !== 'string' || !Array.isArray(application.modules)) {
    throw cliApplicationBroken({ file, cause: 'it exports no `application`' })
  }
  return { folder: root, application, companions, version: await versionOf(root) }
}

/** The file that declares the application of a folder.
 *  @throws CLI_APPLICATION_MISSING */
export async function findEntry(folder: string): Promise<string> {
  for (const name of ['banyan.ts', 'banyan.js', 'banyan.mjs']) {
    const file = path.join(folder, name)
    try {
      await access(file)
      return file
    } catch {}
  }
  throw cliApplicationMissing({ folder })
}

/** Imports a file of the application.
 *  @throws CLI_APPLICATION_BROKEN naming the place · the coded error of the declaration */
export async function importFile(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    if (error instanceof BanyanError) throw error
    throw cliApplicationBroken(
      { file: tryFindPlace(error) ?? file, cause: messageOf(error) },
      { cause: error },
    )
  }
}

/** `file:line:column` where an error arose, as far as its stack tells. */
export function tryFindPlace(error: unknown): string | undefined {
  const { stack = '' } = error instanceof Error ? error : {}
  for (const line of stack.split('\n')) {
    const [, file, place] = /(?:file:\/\/)?(\/[^\s():]+):(\d+(?::\d+)?)/.exec(line) ?? []
    if (file === undefined || file.includes('/node_modules/')) continue
    return `${decodeURIComponent(file)}:${place}`
  }
  return undefined
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return message.split('\n', 1)[0] ?? message
}

async function versionOf(folder: string): Promise<string> {
  try {
    const text = await readFile(path.join(folder, 'package.json'), 'utf8')
    const { version } = JSON.parse(text) as { version?: unknown }
    return typeof version === 'string' ? version : '0.0.0'
  } catch {
    return '0.0.0'
  }
}
