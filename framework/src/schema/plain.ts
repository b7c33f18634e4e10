import { depthMax, type Invalid, invalid } from './compiled-schema.ts'

/** Where and why a value cannot be copied. */
export interface Uncopyable {
  readonly path: readonly (string | number)[]
  readonly reason: string
}

export interface CopyOptions {
  /** Keep instances of classes as they are: the outcome of a transform may be one. */
  readonly instances?: boolean
  /** Told about the first thing that cannot be copied. */
  readonly report?: (problem: Uncopyable) => void
}

const noOptions: CopyOptions = {}

/** A deep copy of plain data: primitives, arrays, plain objects, Date, Map, Set and bytes.
 *  Functions, instances of classes and what is nested deeper than `depthMax` are refused. */
export function copyPlain(value: unknown, options: CopyOptions = noOptions): unknown {
  if (typeof value !== 'object' || value === null) {
    if (typeof value !== 'function') return value
  }
  return new PlainCopy(options).copy(value, 0)
}

class PlainCopy {
  readonly #options: CopyOptions
  readonly #path: (string | number)[] = []

  constructor(options: CopyOptions) {
    this.#options = options
  }

  copy(value: unknown, depth: number): unknown {
    if (typeof value === 'function') return this.#refuse('a function cannot be copied')
    if (typeof value !== 'object' || value === null) return value
    if (depth >= depthMax) return this.#refuse(`nested deeper than ${depthMax} levels`)
    const result = this.#container(value, depth + 1)
    return Object.isFrozen(value) && typeof result === 'object' ? Object.freeze(result) : result
  }

  #container(value: object, depth: number): unknown {
    if (Array.isArray(value)) return this.#array(value, depth)
    if (value instanceof Date) return new Date(value.getTime())
    if (value instanceof Uint8Array) return new Uint8Array(value)
    if (value instanceof Map) return this.#map(value, depth)
    if (value instanceof Set) return this.#set(value, depth)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) {
      return this.#object(value, prototype, depth)
    }
    if (this.#options.instances === true) return value
    const name = value.constructor?.name ?? 'a class'
    return this.#refuse(`an instance of ${name} cannot be copied`)
  }

  #array(value: readonly unknown[], depth: number): unknown[] | Invalid {
    const result: unknown[] = Array(value.length)
    for (let index = 0; index < value.length; index += 1) {
      // a hole stays a hole
      if (!(index in value)) continue
      const item = this.#at(index, value[index], depth)
      if (item === invalid) return invalid
      result[index] = item
    }
    return result
  }

  #object(value: object, prototype: object | null, depth: number): object | Invalid {
    const result: Record<string | symbol, unknown> = prototype === null ? Object.create(null) : {}
    for (const key of Reflect.ownKeys(value)) {
      if (!Object.prototype.propertyIsEnumerable.call(value, key)) continue
      const item = this.#at(String(key), Reflect.get(value, key), depth)
      if (item === invalid) return invalid
      if (key === '__proto__') {
        const own = { value: item, enumerable: true, writable: true, configurable: true }
        Object.defineProperty(result, key, own)
      } else result[key] = item
    }
    return result
  }

  #map(value: ReadonlyMap<unknown, unknown>, depth: number): Map<unknown, unknown> | Invalid {
    const result = new Map<unknown, unknown>()
    for (const [key, item] of value) {
      const keyCopy = this.#at(String(result.size), key, depth)
      const itemCopy = this.#at(String(result.size), item, depth)
      if (keyCopy === invalid || itemCopy === invalid) return invalid
      result.set(keyCopy, itemCopy)
    }
    return result
  }

  #set(value: ReadonlySet<unknown>, depth: number): Set<unknown> | Invalid {
    const result = new Set<unknown>()
    for (const item of value) {
      const copy = this.#at(result.size, item, depth)
      if (copy === invalid) return invalid
      result.add(copy)
    }
    return result
  }

  #at(step: string | number, value: unknown, depth: number): unknown {
    if (typeof value !== 'object' && typeof value !== 'function') return value
    this.#path.push(step)
    const result = this.copy(value, depth)
    this.#path.pop()
    return result
  }

  #refuse(reason: string): Invalid {
    this.#options.report?.({ path: [...this.#path], reason })
    return invalid
  }
}
