import { readdir } from 'node:fs/promises'
import { pathOfFolder, tryParseName } from './key-path.ts'

/** Which keys are wanted. */
export interface KeyRange {
  readonly prefix: string
  /** Keys up to this one, itself included, are left out. */
  readonly after: string
}

/** The keys below a folder in the order of their characters.
 *  Cost: reads each folder on the way once, whole; folders that lie before `after` are not opened. */
export async function* walkKeys(root: string, range: KeyRange): AsyncGenerator<string> {
  const segments = range.prefix.split('/').slice(0, -1)
  yield* walkFolder(root, segments, range)
}

async function* walkFolder(
  root: string,
  segments: readonly string[],
  range: KeyRange,
): AsyncGenerator<string> {
  const base = segments.map((segment) => `${segment}/`).join('')
  const names = await readdir(pathOfFolder(root, segments)).catch(none)
  const entries = names
    .flatMap((name) => tryParseName(name) ?? [])
    // with its slash a folder sorts where its keys do
    .map((entry) => ({ ...entry, text: `${base}${entry.segment}${entry.isFolder ? '/' : ''}` }))
    .filter((entry) => (entry.isFolder ? mayHold(entry.text, range) : isIn(entry.text, range)))
    .sort((one, other) => (one.text < other.text ? -1 : 1))
  for (const { text, segment, isFolder } of entries) {
    if (isFolder) yield* walkFolder(root, [...segments, segment], range)
    else yield text
  }
}

function isIn(key: string, { prefix, after }: KeyRange): boolean {
  return key.startsWith(prefix) && key > after
}

function mayHold(folder: string, { prefix, after }: KeyRange): boolean {
  return folder.startsWith(prefix) && (folder > after || after.startsWith(folder))
}

/** A folder that is not there, or no longer, holds no keys. */
function none(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}
