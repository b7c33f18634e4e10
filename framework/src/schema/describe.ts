import type { core } from 'zod'
import type { Check, Node, Rest, Shape } from './node.ts'

/** A node while it is built: a recursive schema refers to it before it is complete. */
interface Draft extends Node {
  shape: Shape
  uses: number
  recursive: boolean
}

/** Reads zod's definitions into nodes. Together with `run-zod.ts` and `emit-checks.ts` the only
 *  file that knows the insides of zod.
 *  Invariant: the same zod schema gives the same node, so that recursion ends. */
export function describe(schema: core.$ZodType): Node {
  return new Describer().node(schema)
}

class Describer {
  readonly #known = new Map<core.$ZodType, Draft>()
  readonly #open = new Set<core.$ZodType>()

  node(schema: core.$ZodType): Node {
    const known = this.#known.get(schema)
    if (known !== undefined) {
      known.uses += 1
      if (this.#open.has(schema)) known.recursive = true
      return known
    }
    const draft: Draft = {
      schema,
      checks: checksOf(schema),
      absentIn: schema._zod.optin,
      absentOut: schema._zod.optout,
      shape: { kind: 'opaque', inner: undefined },
      uses: 1,
      recursive: false,
    }
    this.#known.set(schema, draft)
    this.#open.add(schema)
    draft.shape = this.#shape(schema as core.$ZodTypes)
    this.#open.delete(schema)
    return draft
  }

  #shape(schema: core.$ZodTypes): Shape {
    const { def } = schema._zod
    switch (def.type) {
      case 'string':
      case 'number':
      case 'boolean':
      case 'bigint':
      case 'date':
        return 'coerce' in def && def.coerce === true
          ? { kind: 'opaque', inner: undefined }
          : { kind: def.type }
      case 'null':
      case 'undefined':
        return { kind: def.type }
      case 'void':
        return { kind: 'undefined' }
      case 'any':
      case 'unknown':
        return { kind: 'anything' }
      case 'literal':
        return { kind: 'values', values: def.values }
      case 'enum':
        return { kind: 'values', values: [...(schema._zod.values ?? [])] }
      case 'custom':
        return isBytes(schema) ? { kind: 'bytes' } : { kind: 'opaque', inner: undefined }
      case 'lazy':
        return { kind: 'lazy', inner: this.node((schema as core.$ZodLazy)._zod.innerType) }
      case 'transform':
        return { kind: 'transform' }
      default:
        return this.#container(schema) ?? this.#wrapper(schema)
    }
  }

  #container(schema: core.$ZodTypes): Shape | undefined {
    const { def } = schema._zod
    switch (def.type) {
      case 'object':
        return this.#object(def)
      case 'array':
        return { kind: 'array', element: this.node(def.element) }
      case 'tuple':
        return {
          kind: 'tuple',
          items: def.items.map((item) => this.node(item)),
          rest: def.rest === null ? undefined : this.node(def.rest),
        }
      case 'record':
        return this.#record(def)
      case 'map':
        return { kind: 'map', key: this.node(def.keyType), value: this.node(def.valueType) }
      case 'set':
        return { kind: 'set', element: this.node(def.valueType) }
      case 'union':
        return this.#union(schema as core.$ZodUnion)
      case 'intersection':
        return {
          kind: 'intersection',
          left: this.node(def.left),
          right: this.node(def.right),
        }
      default:
        return undefined
    }
  }

  #wrapper(schema: core.$ZodTypes): Shape {
    const { def } = schema._zod
    switch (def.type) {
      case 'optional': {
        const exact = schema._zod.traits.has('$ZodExactOptional')
        return { kind: 'optional', inner: this.node(def.innerType), exact }
      }
      case 'nullable':
        return { kind: 'nullable', inner: this.node(def.innerType) }
      case 'default':
      case 'prefault': {
        const prefault = def.type === 'prefault'
        return { kind: 'default', inner: this.node(def.innerType), source: def, prefault }
      }
      case 'readonly':
        return { kind: 'readonly', inner: this.node(def.innerType) }
      case 'nonoptional':
        return { kind: 'required', inner: this.node(def.innerType) }
      case 'catch':
      case 'success':
        return { kind: 'opaque', inner: this.node(def.innerType) }
      case 'pipe': {
        const isCodec = schema._zod.traits.has('$ZodCodec')
        const codec = isCodec ? (def as core.$ZodCodecDef) : undefined
        return { kind: 'pipe', input: this.node(def.in), output: this.node(def.out), codec }
      }
      default:
        return { kind: 'opaque', inner: undefined }
    }
  }

  #object(def: core.$ZodObjectDef): Shape {
    const fields = Reflect.ownKeys(def.shape).flatMap((key) => {
      // zod strips `__proto__` even when it is declared
      if (key === '__proto__') return []
      const field = (def.shape as Record<string | symbol, core.$ZodType>)[key]
      return field === undefined ? [] : [{ key, node: this.node(field) }]
    })
    const declared = Object.keys(def.shape)
    return {
      kind: 'object',
      fields: stringsFirst(fields),
      declared,
      rest: this.#rest(def.catchall),
    }
  }

  #rest(catchall: core.$ZodType | undefined): Rest {
    if (catchall === undefined) return 'strip'
    return catchall._zod.def.type === 'never' ? 'strict' : this.node(catchall)
  }

  #record(def: core.$ZodRecordDef): Shape {
    const closed = def.keyType._zod.values !== undefined && !('partial' in def && def.partial)
    const mode = 'mode' in def && def.mode === 'loose' ? 'loose' : closed ? 'each value' : 'any key'
    return { kind: 'record', key: this.node(def.keyType), value: this.node(def.valueType), mode }
  }

  #union(schema: core.$ZodUnion): Shape {
    const { def, traits } = schema._zod
    const options = def.options.map((option) => this.node(option))
    if (traits.has('$ZodXor')) return { kind: 'opaque', inner: undefined }
    const key = 'discriminator' in def ? def.discriminator : undefined
    if (typeof key !== 'string' || ('unionFallback' in def && def.unionFallback === true)) {
      return { kind: 'union', options }
    }
    const cases = options.map((node) => ({
      values: [...(node.schema._zod.propValues?.[key] ?? [])],
      node,
    }))
    return { kind: 'cases', key, cases }
  }
}

/** Whether it is `z.instanceof(Uint8Array)`. Asked by trying: a copy of the schema, as `refine()`
 *  makes one, no longer names its class. */
export function isBytes(schema: core.$ZodType): boolean {
  if (!schema._zod.traits.has('ZodInstanceOf')) return false
  const { fn } = schema._zod.def as core.$ZodCustomDef
  return [new Uint8Array(0), new Uint16Array(0), {}].map((one) => fn(one)).join() === bytesOnly
}

const bytesOnly = 'true,false,false'

/** zod visits string keys before symbols; integer-like keys are first in both. */
function stringsFirst<T extends { readonly key: string | symbol }>(fields: readonly T[]): T[] {
  return [
    ...fields.filter((field) => typeof field.key === 'string'),
    ...fields.filter((field) => typeof field.key === 'symbol'),
  ]
}

function checksOf(schema: core.$ZodType): readonly Check[] {
  const own = schema._zod.traits.has('$ZodCheck') ? [schema as core.$ZodType & Check] : []
  return [
    ...own,
    ...(schema._zod.def.checks ?? []).map((check) => check as core.$ZodCheck as Check),
  ]
}
