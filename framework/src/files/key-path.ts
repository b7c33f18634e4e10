import path from 'node:path'

const plain = /[a-z0-9._-]/
/** Ends the name of a folder, so that `a` and `a/b` can both be keys; encoded where a key has it. */
const folderMark = '+'

/** One name in a folder, as what it stands for. */
export interface NamedEntry {
  /** Segment of a key. */
  readonly segment: string
  readonly isFolder: boolean
}

/** The path of a key below a folder. Segments keep their small letters, digits, `.`, `_` and `-`; everything
 *  else is percent-encoded, so that keys which differ in case only stay two on every file system. */
export function pathOfKey(root: string, key: string): string {
  const segments = key.split('/')
  const name = encodeSegment(segments.pop() ?? '')
  return path.join(pathOfFolder(root, segments), name)
}

/** The folder of the keys that begin with these segments. */
export function pathOfFolder(root: string, segments: readonly string[]): string {
  return path.join(root, ...segments.map((segment) => `${encodeSegment(segment)}${folderMark}`))
}

/** What a name stands for; undefined for one that no key leads to. */
export function tryParseName(name: string): NamedEntry | undefined {
  const isFolder = name.endsWith(folderMark)
  const text = isFolder ? name.slice(0, -folderMark.length) : name
  const segment = text.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return encodeSegment(segment) === text && segment !== '' ? { segment, isFolder } : undefined
}

function encodeSegment(segment: string): string {
  let encoded = ''
  for (const char of segment) {
    encoded += plain.test(char)
      ? char
      : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}
