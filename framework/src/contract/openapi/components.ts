import type { core } from 'zod'
import { isJsonObject, type JsonSchema, mapSubschemas, stableText } from '../json-schema-tree.ts'
import { describeWire, type View } from '../wire-schema.ts'
import { pascal } from './names.ts'
import { findSharedSchemas, type RootSchema, shareableBelow } from './shared-schemas.ts'

/** A shared schema as one view of it stands under `components.schemas`. */
interface Component {
  readonly name: string
  /** Its own description, before references were put in. */
  readonly text: string
}

/** A schema with references in it; named where it had to become a component. */
interface Resolved {
  readonly schema: JsonSchema
  readonly name: string | undefined
}

/** Annotations that a place adds to the schema it uses. */
const placeKeywords: readonly string[] = ['default']

/** The `components.schemas` of one document. A schema value used in several places becomes one component; what is
 *  used once stands where it is used. */
export class Components {
  readonly #shared: ReadonlyMap<core.$ZodType, string>
  readonly #components = new Map<core.$ZodType, Map<View, Component>>()
  readonly #resolved = new Map<core.$ZodType, Map<View, Resolved>>()
  readonly #schemas = new Map<string, JsonSchema>()
  readonly #responses = new Map<string, JsonSchema>()

  /** @param roots  Every schema that will be asked for. */
  constructor(roots: readonly RootSchema[]) {
    this.#shared = new Map(findSharedSchemas(roots).map(({ schema, name }) => [schema, name]))
  }

  /** The schema of a body: by reference where it is an object or shared, else in its place. */
  schemaOf(root: RootSchema, view: View): JsonSchema {
    if (this.#shared.has(root.schema)) return reference(this.#component(root.schema, view).name)
    const { schema, name } = this.#resolve(root, view)
    if (name !== undefined) return reference(name)
    return isCompound(schema) ? this.add(root.name, schema) : schema
  }

  /** The schema itself, its parts by reference where they are shared. */
  bodyOf(root: RootSchema, view: View): JsonSchema {
    return this.#resolve(root, view).schema
  }

  /** What a reference of this document stands for; any other schema stands for itself. */
  follow(schema: JsonSchema): JsonSchema {
    const { $ref } = schema
    if (typeof $ref !== 'string') return schema
    return this.#schemas.get($ref.slice(referencePrefix.length)) ?? schema
  }

  /** Adds a schema under `name`, or a name near it, and refers to it. */
  add(name: string, schema: JsonSchema): JsonSchema {
    const free = this.#freeName(name, schema)
    this.#schemas.set(free, schema)
    return reference(free)
  }

  /** A response that several operations share: equal ones are one component. */
  responseOf(name: string, response: JsonSchema): JsonSchema {
    const text = stableText(response)
    let free = name
    for (let number = 2; ; number++) {
      const known = this.#responses.get(free)
      if (known === undefined || stableText(known) === text) break
      free = `${name}Case${number}`
    }
    this.#responses.set(free, response)
    return { $ref: `#/components/responses/${free}` }
  }

  /** All schemas, in the order of their names. */
  schemas(): Readonly<Record<string, JsonSchema>> {
    return byName(this.#schemas)
  }

  /** All shared responses, in the order of their names. */
  responses(): Readonly<Record<string, JsonSchema>> {
    return byName(this.#responses)
  }

  /** @returns the name as well where the schema contains itself and so had to become a component */
  #resolve(root: RootSchema, view: View): Resolved {
    const { schema } = root
    const views = entryOf(this.#resolved, schema, () => new Map<View, Resolved>())
    return entryOf(views, view, () => {
      const raw = describeWire(schema, view)
      const isRecursive = refersToRoot(raw)
      const name = isRecursive ? this.#freeName(root.name) : root.name
      if (isRecursive) this.#schemas.set(name, raw)
      const written = this.#rewriteRoot(schema, { raw, view, name })
      if (isRecursive) this.#schemas.set(name, written)
      return { schema: written, name: isRecursive ? name : undefined }
    })
  }

  #component(schema: core.$ZodType, view: View): Component {
    const views = entryOf(this.#components, schema, () => new Map<View, Component>())
    const known = views.get(view)
    if (known !== undefined) return known
    const raw = describeWire(schema, view)
    const text = stableText(raw)
    const twin = views.get(view === 'input' ? 'output' : 'input')
    if (twin?.text === text) {
      views.set(view, twin)
      return twin
    }
    const own = this.#shared.get(schema) ?? ''
    const name = this.#freeName(twin === undefined ? own : own + pascal(view))
    const component = { name, text }
    views.set(view, component)
    // the name is taken before the parts are written, so that parts may refer to it
    this.#schemas.set(name, {})
    this.#schemas.set(name, this.#rewriteRoot(schema, { raw, view, name }))
    return component
  }

  /** Puts references in the place of `$defs` and of shared schemas. */
  #rewriteRoot(
    schema: core.$ZodType,
    root: { readonly raw: JsonSchema; readonly view: View; readonly name: string },
  ): JsonSchema {
    const { $defs, ...body } = root.raw
    const byText = this.#sharedBelow(schema, root.view)
    const names = new Map<string, string>([['#', root.name]])
    const pending: [string, JsonSchema][] = []
    for (const [key, part] of Object.entries(isJsonObject($defs) ? $defs : {})) {
      if (!isJsonObject(part)) continue
      const pointer = `#/$defs/${key}`
      const known = byText.get(stableText(pointTo(part, pointer, '#')))
      const name = known ?? this.#freeName(partName(root.name, key), part)
      names.set(pointer, name)
      if (known === undefined) {
        this.#schemas.set(name, part)
        pending.push([name, part])
      }
    }
    const write = (part: JsonSchema): JsonSchema => rewrite(part, { names, byText })
    for (const [name, part] of pending) this.#schemas.set(name, mapSubschemas(part, write))
    return mapSubschemas(renamed(body, names), write)
  }

  /** The components that may stand below a schema, by their description. */
  #sharedBelow(schema: core.$ZodType, view: View): ReadonlyMap<string, string> {
    const below = new Map<string, string>()
    for (const one of shareableBelow(schema)) {
      if (one === schema || !this.#shared.has(one)) continue
      const { text, name } = this.#component(one, view)
      below.set(text, name)
    }
    return below
  }

  #freeName(wanted: string, schema?: JsonSchema): string {
    const isFree = (name: string): boolean => {
      const known = this.#schemas.get(name)
      return (
        known === undefined || (schema !== undefined && stableText(known) === stableText(schema))
      )
    }
    if (isFree(wanted)) return wanted
    let number = 2
    while (!isFree(`${wanted}${number}`)) number++
    return `${wanted}${number}`
  }
}

function rewrite(
  part: JsonSchema,
  known: {
    readonly names: ReadonlyMap<string, string>
    readonly byText: ReadonlyMap<string, string>
  },
): JsonSchema {
  const ofPlace = Object.entries(part).filter(([keyword]) => placeKeywords.includes(keyword))
  const own = Object.entries(part).filter(([keyword]) => !placeKeywords.includes(keyword))
  const shared = known.byText.get(stableText(Object.fromEntries(own)))
  if (shared !== undefined) return { ...reference(shared), ...Object.fromEntries(ofPlace) }
  return mapSubschemas(renamed(part, known.names), (below) => rewrite(below, known))
}

function renamed(part: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  const name = typeof part['$ref'] === 'string' ? names.get(part['$ref']) : undefined
  return name === undefined ? part : { ...part, ...reference(name) }
}

function pointTo(part: JsonSchema, from: string, to: string): JsonSchema {
  const changed = part['$ref'] === from ? { ...part, $ref: to } : part
  return mapSubschemas(changed, (below) => pointTo(below, from, to))
}

function refersToRoot(schema: JsonSchema): boolean {
  let found = schema['$ref'] === '#'
  mapSubschemas(schema, (below) => {
    found ||= refersToRoot(below)
    return below
  })
  return found
}

function partName(root: string, key: string): string {
  const number = /^__schema(\d+)$/.exec(key)?.[1]
  return number === undefined ? pascal(key) : `${root}Part${number}`
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

function byName(map: ReadonlyMap<string, JsonSchema>): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isCompound(schema: JsonSchema): boolean {
  return schema['type'] === 'object' || ['oneOf', 'anyOf', 'allOf'].some((key) => key in schema)
}

const referencePrefix = '#/components/schemas/'

export function reference(name: string): JsonSchema {
  return { $ref: referencePrefix + name }
}
