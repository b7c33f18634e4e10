import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import {
  findCycles,
  type Import,
  importsOf,
  resolveImport,
  Source,
  type Violation,
  violationOf,
} from '../framework/src/boundary/index.ts'
import { doorOf, type FilePlace, isDoor, isTestDoor, packageOf, placeOf } from './boundary-place.ts'
import { type Rule, rules } from './boundary-rules.ts'
import type { Law, Room } from './law.ts'

/** Who imports what: what the committed text `docs/reference/imports.txt` is made of. */
export interface RoomImports {
  readonly rooms: ReadonlySet<string>
  readonly packages: ReadonlySet<string>
}

export interface LawReport {
  readonly fileCount: number
  readonly violations: readonly Violation[]
  /** By room, production code only. */
  readonly imports: ReadonlyMap<string, RoomImports>
}

interface Breach {
  readonly rule: Rule
  readonly message: string
  readonly fix: string
}

/** Holds every TypeScript file of a repository against its law.
 *  @param files  all files, relative to `root` with `/`. */
export function checkLaw(root: string, files: readonly string[], law: Law): LawReport {
  return new LawCheck(root, files, law).run()
}

class LawCheck {
  readonly #root: string
  readonly #law: Law
  readonly #files: ReadonlySet<string>
  readonly #violations: Violation[] = []
  readonly #graph = new Map<string, string[]>()
  readonly #rooms = new Map<string, { rooms: Set<string>; packages: Set<string> }>()
  readonly #usedEdges = new Set<string>()

  constructor(root: string, files: readonly string[], law: Law) {
    this.#root = root
    this.#law = law
    this.#files = new Set(files.filter((file) => /\.[cm]?tsx?$/.test(file)))
  }

  run(): LawReport {
    for (const file of this.#files) this.#checkFile(file)
    this.#checkCycles(this.#graph, rules.cycleFiles, 'Move what both need into a file of its own.')
    const rooms = new Map([...this.#rooms].map(([room, { rooms }]) => [room, [...rooms]]))
    this.#checkCycles(
      rooms,
      rules.cycleRooms,
      'Turn one arrow round: pass the value in from above.',
    )
    this.#checkAllowances()
    if (this.#files.size < this.#law.filesMin) this.#tooFew()
    this.#violations.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line)
    return {
      fileCount: this.#files.size,
      violations: this.#violations,
      imports: new Map([...this.#rooms].sort(([a], [b]) => a.localeCompare(b))),
    }
  }

  #checkFile(file: string): void {
    const source = Source.read(join(this.#root, file), file)
    const place = placeOf(file, this.#law)
    this.#graph.set(file, [])
    if (file.startsWith(`${this.#law.source}/`)) this.#checkRoom(place, source)
    for (const found of importsOf(source)) {
      const breach = this.#breachOf(place, found)
      if (breach !== undefined) this.#report(breach, source, found)
    }
  }

  #checkRoom(place: FilePlace, source: Source): void {
    if (place.room !== undefined && this.#roomOf(place) !== undefined) {
      if (!place.isTest) this.#importsOf(place.room)
      return
    }
    const message = `${place.file} is in no room of the law`
    const fix = `Put it into a room, or give its room a floor in tools/law.ts.`
    this.#report({ rule: rules.roomUnknown, message, fix }, source, { start: 0, end: 0 })
  }

  #breachOf(from: FilePlace, { specifier }: Import): Breach | undefined {
    if (specifier === undefined) return this.#breachOfComputed(from)
    if (!specifier.startsWith('.')) return this.#breachOfPackage(from, specifier)
    const target = resolveImport(from.file, specifier, this.#files)
    if (target === undefined) return this.#breachOfUnknown(from, specifier)
    this.#graph.get(from.file)?.push(target)
    const to = placeOf(target, this.#law)
    if (to.workspace !== from.workspace) return this.#breachOfWorkspace(from, to)
    if (to.isTest && !from.isTest) return testImported(from, target)
    if (from.room === undefined || to.room === undefined || from.room === to.room) return undefined
    return this.#breachOfRoom(from, to)
  }

  #breachOfComputed(from: FilePlace): Breach | undefined {
    const room = this.#roomOf(from)
    if (room === undefined || room.loads === true || from.isTest) return undefined
    return {
      rule: rules.computed,
      message: `${from.room} imports a path that is computed at run time`,
      fix: 'Write the path as a literal, or let cli or runtime load it and pass the value in.',
    }
  }

  /** Leaves the source tree: into another workspace's file that is no TypeScript, or nowhere. */
  #breachOfUnknown(from: FilePlace, specifier: string): Breach | undefined {
    const path = posix.normalize(posix.join(posix.dirname(from.file), specifier))
    if (from.workspace !== 'framework' || path.startsWith('framework/')) return undefined
    return {
      rule: rules.outside,
      message: `${from.file} imports "${specifier}", outside the framework`,
      fix: 'Pass it in from the application.',
    }
  }

  #breachOfWorkspace(from: FilePlace, to: FilePlace): Breach | undefined {
    const { workspaces, packageName } = this.#law
    const workspace = workspaces[from.workspace]
    if (workspace?.knows.includes(to.workspace) === true) return undefined
    if (workspace !== undefined && to.room !== undefined) {
      if (workspace.reaches === 'name') {
        return {
          rule: rules.outside,
          message: `${from.workspace} reaches into ${to.file} by path`,
          fix: `Import the room by its public name, "${packageName}/${to.room}".`,
        }
      }
      return this.#breachOfDoor(from, to)
    }
    return {
      rule: rules.outside,
      message: `${from.workspace || 'the root'} imports ${to.file} of the workspace ${to.workspace || 'root'}`,
      fix: 'Move it to the side that owns it, or pass the value in.',
    }
  }

  #breachOfRoom(from: FilePlace, to: FilePlace): Breach | undefined {
    if (!from.isTest) {
      this.#importsOf(from.room ?? '').rooms.add(to.room ?? '')
      this.#usedEdges.add(`${from.lawName} > ${to.lawName}`)
      if (!this.#mayKnow(from, to)) return this.#floorUpward(from, to)
    } else if (from.lawName === this.#law.testing.name && !this.#mayTestingKnow(to)) {
      return this.#floorUpward(from, to)
    }
    return this.#breachOfDoor(from, to)
  }

  #mayKnow(from: FilePlace, to: FilePlace): boolean {
    const [above, below] = [this.#roomOf(from), this.#roomOf(to)]
    if (above === undefined || below === undefined) return true
    return above.floor > below.floor || above.knows?.includes(to.lawName ?? '') === true
  }

  #mayTestingKnow(to: FilePlace): boolean {
    return !this.#law.testing.knowsNot.includes(to.lawName ?? '')
  }

  #breachOfPackage(from: FilePlace, specifier: string): Breach | undefined {
    if (specifier.startsWith('node:')) return this.#breachOfNode(from, specifier)
    const name = packageOf(specifier)
    if (from.room !== undefined && !from.isTest) this.#importsOf(from.room).packages.add(name)
    const isOwn = name === this.#law.packageName
    if (isOwn && from.workspace === 'framework') {
      return {
        rule: rules.doorBypassed,
        message: `${from.file} imports its own package by name, "${specifier}"`,
        fix: `Import the room's index.ts by a relative path.`,
      }
    }
    const room = this.#roomOf(from)
    const allowed = room?.packages ?? []
    if (room !== undefined && from.isShipped && !allowed.includes(name)) {
      return packageForeign(from, name, allowed)
    }
    if (isOwn || this.#isDeclared(from.workspace, name)) return undefined
    return {
      rule: rules.packageUndeclared,
      message: `${from.workspace || 'the root'} imports "${name}" without declaring it`,
      fix: `Add it to the dependencies of ${posix.join(from.workspace, 'package.json')}.`,
    }
  }

  #breachOfNode(from: FilePlace, specifier: string): Breach | undefined {
    const allowed = this.#roomOf(from)?.node
    if (allowed === undefined || from.isTest || allowed.includes(specifier)) return undefined
    return {
      rule: rules.nodeForbidden,
      message: `${from.room} imports ${specifier} (allowed: ${allowed.join(', ')})`,
      fix: 'Let a room above perform the I/O and pass the result or a port in.',
    }
  }

  #isDeclared(workspace: string, name: string): boolean {
    const path = join(this.#root, workspace, 'package.json')
    if (!existsSync(path)) return true
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, object | undefined>
    const kinds = ['dependencies', 'optionalDependencies', 'peerDependencies', 'devDependencies']
    return kinds.some((kind) => Object.hasOwn(manifest[kind] ?? {}, name))
  }

  #floorUpward(from: FilePlace, to: FilePlace): Breach {
    const [above, below] = [this.#roomOf(from), this.#roomOf(to)]
    return {
      rule: rules.floorUpward,
      message: `${from.room} (floor ${above?.floor}) imports ${to.room} (floor ${below?.floor})`,
      fix: `Let ${to.room} use ${from.room}, or declare a port in ${from.room} that a room above fills.`,
    }
  }

  #breachOfDoor(from: FilePlace, to: FilePlace): Breach | undefined {
    if (isDoor(to, this.#law) || (from.isTest && isTestDoor(to.file))) return undefined
    return {
      rule: rules.doorBypassed,
      message: `${from.file} imports ${to.file} past the front door`,
      fix: `Import ${doorOf(to.room ?? '', this.#law)}; export there what is missing.`,
    }
  }

  #checkCycles(graph: ReadonlyMap<string, readonly string[]>, rule: Rule, fix: string): void {
    for (const path of findCycles(graph)) {
      const [file = ''] = path
      const message = `import each other in a circle: ${path.join(' → ')}`
      this.#reportAt({ rule, message, fix }, this.#files.has(file) ? file : this.#law.source)
    }
  }

  #checkAllowances(): void {
    for (const [name, room] of Object.entries(this.#law.rooms)) {
      if (!this.#exists(name)) continue
      for (const other of room.knows ?? []) {
        if (!this.#exists(other) || this.#usedEdges.has(`${name} > ${other}`)) continue
        const message = `${name} may know ${other}, but does not`
        const fix = 'Take the permission out of tools/law.ts.'
        this.#reportAt({ rule: rules.allowanceUnused, message, fix }, 'tools/law.ts')
      }
    }
  }

  #exists(name: string): boolean {
    return [...this.#rooms.keys()].some((room) => room === name || room.startsWith(`${name}/`))
  }

  #tooFew(): void {
    const message = `the check saw ${this.#files.size} files, expected ${this.#law.filesMin} at least`
    const fix = 'Find out why it does not see the sources.'
    this.#reportAt({ rule: rules.filesUnseen, message, fix }, this.#law.source)
  }

  #roomOf(place: FilePlace): Room | undefined {
    const { rooms } = this.#law
    const name = place.lawName ?? ''
    return Object.hasOwn(rooms, name) ? rooms[name] : undefined
  }

  #importsOf(room: string): { rooms: Set<string>; packages: Set<string> } {
    const known = this.#rooms.get(room) ?? { rooms: new Set<string>(), packages: new Set<string>() }
    this.#rooms.set(room, known)
    return known
  }

  #report({ rule, ...text }: Breach, source: Source, span: { start: number; end: number }): void {
    this.#violations.push(violationOf({ ...rule, ...text }, source, span))
  }

  #reportAt({ rule, message, fix }: Breach, file: string): void {
    const { code, why } = rule
    this.#violations.push({ code, file, line: 1, column: 1, message, why, fix, frame: '' })
  }
}

function testImported(from: FilePlace, target: string): Breach {
  return {
    rule: rules.testImported,
    message: `${from.file} imports ${target}, which is test code`,
    fix: 'Move what production needs out of the test file; pass fixtures in.',
  }
}

function packageForeign(from: FilePlace, name: string, allowed: readonly string[]): Breach {
  return {
    rule: rules.packageForeign,
    message: `${from.room} imports "${name}" (allowed: ${allowed.join(', ') || 'no package'})`,
    fix: 'Move the code to the room that owns the library, or record the permission in tools/law.ts.',
  }
}
