import { topologyKeyUnknown, topologyValueMistyped } from './errors.ts'
import type { Field } from './field.ts'
import { fieldList, fields } from './fields.ts'
import { nearestOf } from './nearest.ts'
import { showValue } from './show-value.ts'
import type { Values } from './values.ts'

const fieldOf: ReadonlyMap<string, Field<unknown>> = new Map(
  fieldList.map((field) => [field.path, field]),
)

/** The keys below each object of a declaration; the root is the empty path. */
const keysOf: ReadonlyMap<string, ReadonlySet<string>> = readKeys()

function readKeys(): Map<string, Set<string>> {
  const keys = new Map<string, Set<string>>()
  for (const { path } of fieldList) {
    let parent = ''
    for (const key of path.split('.')) {
      keys.set(parent, (keys.get(parent) ?? new Set()).add(key))
      parent = join(parent, key)
    }
  }
  return keys
}

/** Names of the services that a declaration has. */
export function servicesOf(declaration: unknown): readonly string[] {
  const services = isRecord(declaration) ? declaration['services'] : undefined
  return isRecord(services) ? Object.keys(services) : []
}

/** Takes the values of a topology file; what it has no place for is a problem. */
export function giveFile(values: Values, declaration: unknown): void {
  walk(values, declaration, { path: '', pattern: '' })
}

/** Where a walk is: `services.sales`, and the same with `*` for the service. */
interface Place {
  readonly path: string
  readonly pattern: string
}

function walk(values: Values, value: unknown, place: Place): void {
  const { path, pattern } = place
  if (value === undefined) return
  const field = fieldOf.get(pattern)
  if (field !== undefined) return values.give(field, path, { value, origin: 'file', source: '' })
  // `gateway: 'none'` is short for its engine.
  if (pattern === 'gateway' && typeof value === 'string') {
    return walk(values, value, { path: fields.engine.path, pattern: fields.engine.path })
  }
  if (!isRecord(value)) return refuse(values, value, place)
  for (const [key, inner] of Object.entries(value)) walkKey(values, { key, inner }, place)
}

function walkKey(
  values: Values,
  { key, inner }: { readonly key: string; readonly inner: unknown },
  { path, pattern }: Place,
): void {
  const known = keysOf.get(pattern) ?? new Set<string>()
  const matching = known.has('*') ? '*' : key
  const place = { path: join(path, key), pattern: join(pattern, matching) }
  if (known.has(matching)) return walk(values, inner, place)
  const nearest = nearestOf(key, [...known])
  const shown = join(path, /^[\w$-]+$/.test(key) ? key : showValue(key))
  const details = { path: shown, nearest, known: [...known].join(', ') }
  values.problems.add(topologyKeyUnknown(details))
  if (nearest !== '') values.problems.taint(join(path, nearest))
}

function refuse(values: Values, value: unknown, { path, pattern }: Place): void {
  const known = [...(keysOf.get(pattern) ?? [])]
  const expected = known.includes('*')
    ? 'an object of services by name'
    : `an object of ${known.join(', ')}`
  const place = path === '' ? 'topology' : path
  values.problems.add(topologyValueMistyped({ path: place, value: showValue(value), expected }))
  if (path === '') values.problems.taint('services')
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
