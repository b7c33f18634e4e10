import { isJsonObject, type JsonSchema, stableText } from '../json-schema-tree.ts'
import type { Components } from './components.ts'
import type { Place } from './responses.ts'

/** A field of an operation's input, wherever it travels. */
interface Field {
  readonly schemas: readonly JsonSchema[]
  readonly isRequired: boolean
}

/** Parameters of the path, of the query string and of the header. */
export function parametersOf(place: Place, components: Components): readonly JsonSchema[] {
  const { operation } = place
  const isRequired = operation.idempotency === 'required'
  const header =
    operation.kind === 'query'
      ? 'IfNoneMatch'
      : isRequired
        ? 'IdempotencyKeyRequired'
        : 'IdempotencyKey'
  return [...fieldParametersOf(place, components), { $ref: `#/components/parameters/${header}` }]
}

function fieldParametersOf(place: Place, components: Components): readonly JsonSchema[] {
  const inPath = pathNames(place)
  if (inPath.length === 0 && takesBody(place)) return []
  const fields = fieldsOf(inputOf(place, components), components)
  const inQuery = takesBody(place) ? [] : [...fields].filter(([name]) => !inPath.includes(name))
  return [
    ...inPath.map((name) => parameter('path', name, fields.get(name))),
    ...inQuery.map(([name, field]) => parameter('query', name, field)),
  ]
}

/** The JSON body, without the fields that the path carries; undefined where there is none. */
export function requestBodyOf(place: Place, components: Components): JsonSchema | undefined {
  if (!takesBody(place)) return undefined
  const names = pathNames(place)
  const root = { schema: place.operation.input, name: `${place.title}Input` }
  if (names.length === 0) {
    const schema = components.schemaOf(root, 'input')
    return body(schema, isAlwaysNeeded(components.follow(schema), components))
  }
  const schema = withoutFields(components.bodyOf(root, 'input'), names, components)
  return body(components.add(root.name, schema), isAlwaysNeeded(schema, components))
}

function body(schema: JsonSchema, required: boolean): JsonSchema {
  return { required, content: { 'application/json': { schema } } }
}

function takesBody({ route: { method } }: Place): boolean {
  return method !== 'GET' && method !== 'DELETE'
}

function inputOf({ operation, title }: Place, components: Components): JsonSchema {
  return components.bodyOf({ schema: operation.input, name: `${title}Input` }, 'input')
}

function pathNames({ route }: Place): readonly string[] {
  return route.segments.flatMap((part) => (part.type === 'parameter' ? [part.name] : []))
}

function parameter(where: 'path' | 'query', name: string, field: Field | undefined): JsonSchema {
  const schemas = field?.schemas ?? []
  const schema = schemas.length === 1 ? schemas[0] : { anyOf: schemas }
  return {
    name,
    in: where,
    required: where === 'path' || field?.isRequired === true,
    schema: schemas.length === 0 ? { type: 'string' } : schema,
  }
}

/** The fields of an input; those of a union's options together, required where all require them. */
function fieldsOf(schema: JsonSchema, components: Components): ReadonlyMap<string, Field> {
  const { properties, required, allOf } = schema
  const fields = new Map<string, Field>()
  for (const [name, property] of Object.entries(isJsonObject(properties) ? properties : {})) {
    const isRequired = Array.isArray(required) && required.includes(name)
    fields.set(name, { schemas: isJsonObject(property) ? [property] : [], isRequired })
  }
  const options = optionsOf(schema).map((option) => fieldsOf(components.follow(option), components))
  for (const [name, field] of alternatives(options)) fields.set(name, field)
  for (const part of Array.isArray(allOf) ? allOf.filter(isJsonObject) : []) {
    for (const [name, field] of fieldsOf(components.follow(part), components)) {
      fields.set(name, field)
    }
  }
  return fields
}

function alternatives(options: readonly ReadonlyMap<string, Field>[]): Map<string, Field> {
  const fields = new Map<string, Field>()
  for (const name of new Set(options.flatMap((option) => [...option.keys()]))) {
    const schemas = new Map<string, JsonSchema>()
    for (const option of options) {
      for (const schema of option.get(name)?.schemas ?? []) schemas.set(stableText(schema), schema)
    }
    const isRequired = options.every((option) => option.get(name)?.isRequired === true)
    fields.set(name, { schemas: [...schemas.values()], isRequired })
  }
  return fields
}

function optionsOf(schema: JsonSchema): readonly JsonSchema[] {
  const options = schema['oneOf'] ?? schema['anyOf']
  return Array.isArray(options) ? options.filter(isJsonObject) : []
}

function withoutFields(
  schema: JsonSchema,
  names: readonly string[],
  components: Components,
): JsonSchema {
  const followed = components.follow(schema)
  const result: Record<string, unknown> = { ...followed }
  const { properties, required } = followed
  if (isJsonObject(properties)) {
    result['properties'] = Object.fromEntries(
      Object.entries(properties).filter(([name]) => !names.includes(name)),
    )
  }
  if (Array.isArray(required)) {
    const kept = required.filter((name) => !names.includes(name))
    if (kept.length === 0) delete result['required']
    else result['required'] = kept
  }
  for (const keyword of ['oneOf', 'anyOf', 'allOf']) {
    const options = followed[keyword]
    if (Array.isArray(options)) {
      result[keyword] = options
        .filter(isJsonObject)
        .map((option) => withoutFields(option, names, components))
    }
  }
  return result
}

/** Whether an absent body, which is read as `{}`, is refused. */
function isAlwaysNeeded(schema: JsonSchema, components: Components): boolean {
  const fields = [...fieldsOf(schema, components).values()]
  const isObject = schema['type'] === 'object' || fields.length > 0
  return !isObject || fields.some(({ isRequired }) => isRequired)
}
