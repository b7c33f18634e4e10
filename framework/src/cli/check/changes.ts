import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  type Change,
  compareContracts,
  type ContractManifest,
  contractManifest,
} from '../../contract/index.ts'
import type { Application } from '../../module/index.ts'
import { cliContractBroken, cliManifestUnreadable } from '../errors.ts'
import type { Problems } from './problems.ts'

const manifestName = 'contracts.json'

/** Compares the contracts with those that contracts.json promises, if that file is there.
 *  @returns every difference, the safe ones included; undefined without the file */
export async function checkChanges(
  root: string,
  application: Application,
  problems: Problems,
): Promise<readonly Change[] | undefined> {
  const file = path.join(root, manifestName)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const before = tryParseManifest(text)
  if (typeof before === 'string') {
    problems.addAt(cliManifestUnreadable({ file: manifestName, cause: before }), {
      file: manifestName,
      line: 1,
      column: 1,
    })
    return undefined
  }
  const changes = compareContracts(before, manifestOf(application))
  for (const { severity, place, change, reason } of changes) {
    if (severity !== 'breaking') continue
    const [operation = place] = place.split(' ')
    problems.addDeclared(
      cliContractBroken({ place: operation, change: detail(place, change) }),
      reason,
    )
  }
  return changes
}

/** Writes contracts.json: from now on these are the promises. @returns the file */
export async function writeManifest(root: string, application: Application): Promise<string> {
  const file = path.join(root, manifestName)
  await writeFile(file, `${JSON.stringify(manifestOf(application), undefined, 2)}\n`)
  return file
}

function manifestOf(application: Application): ContractManifest {
  return contractManifest(application.modules.map(({ contract }) => contract))
}

function detail(place: string, change: string): string {
  const [, ...inner] = place.split(' ')
  return inner.length === 0 ? change : `${inner.join(' ')}: ${change}`
}

/** The manifest, or why it is none. */
function tryParseManifest(text: string): ContractManifest | string {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null) return 'it is not an object'
    if (!('manifest' in parsed) || parsed.manifest !== 1) return 'its "manifest" is not 1'
    return parsed as ContractManifest
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
