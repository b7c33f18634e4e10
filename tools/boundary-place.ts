import type { Law } from './law.ts'

/** Which part of the repository a file belongs to. */
export interface FilePlace {
  readonly file: string
  /** `framework`, `shop`, …; empty at the root. */
  readonly workspace: string
  /** The room (`kernel`, `engines/postgres`) of a file of the framework. */
  readonly room: string | undefined
  /** The row of the law that governs the room (`kernel`, `engines`). */
  readonly lawName: string | undefined
  readonly isTest: boolean
  /** Whether users get it: the room of fixtures is for tests, but it ships. */
  readonly isShipped: boolean
}

const testFile = /\.(?:test|types|fixture|bench|suite|drill)\.ts$/
/** Suites are for people who write an engine of their own. */
const unshippedFile = /\.(?:test|types|fixture|bench|drill)\.ts$/

/** Tells where a file stands; pure. */
export function placeOf(file: string, law: Law): FilePlace {
  const workspace = file.includes('/') ? (file.split('/')[0] ?? '') : ''
  const inside = file.startsWith(`${law.source}/`) ? file.slice(law.source.length + 1) : ''
  const [first = '', second = ''] = inside.split('/')
  const isGroup = law.groups.includes(first)
  const known = inside.split('/').length > (isGroup ? 2 : 1)
  const room = known ? (isGroup ? `${first}/${second}` : first) : undefined
  return {
    file,
    workspace,
    room,
    lawName: known ? first : undefined,
    isTest: testFile.test(file) || first === law.testing.name,
    isShipped: !unshippedFile.test(file),
  }
}

/** The front door of a room. */
export function doorOf(room: string, law: Law): string {
  return `${law.source}/${room}/index.ts`
}

/** Whether tests of other rooms may import a file past the front door. */
export function isTestDoor(file: string): boolean {
  return /\.(?:suite|fixture)\.ts$/.test(file)
}

/** Whether a file is a front door of its room. */
export function isDoor({ file, room, lawName }: FilePlace, law: Law): boolean {
  if (room === undefined || lawName === undefined) return false
  const inside = file.slice(law.source.length + 1 + room.length + 1)
  return (
    inside === 'index.ts' || (law.groups.includes(lawName) && /^[^/]+\/index\.ts$/.test(inside))
  )
}

/** The package that a bare specifier names: `@scope/name/sub` → `@scope/name`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier)
}
