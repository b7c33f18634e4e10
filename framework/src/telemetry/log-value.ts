/** Levels of nesting that are written; what is below is named, not followed. */
const depthMax = 6
/** Items of one object or list that are written. */
const itemsMax = 100
/** Values of one field that are written, so that a graph full of circles ends. */
const valuesMax = 1_000

const plainText = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/

/** A text in quotes, as JSON writes it. */
export function quoteText(text: string): string {
  return plainText.test(text) ? `"${text}"` : JSON.stringify(text)
}

/** Any value as JSON text, whatever it is: what JSON cannot hold is described, what is named secret
 *  is left out, what throws when it is read says so.
 *  Limits: 6 levels, 100 items each, 1,000 values in all. */
export function encodeLogValue(value: unknown, secrets: ReadonlySet<string>): string {
  return JSON.stringify(new Picture(secrets).of(value, 0)) ?? '"[undefined]"'
}

/** A JSON-able picture of a value. */
class Picture {
  readonly #secrets: ReadonlySet<string>
  #values = 0

  constructor(secrets: ReadonlySet<string>) {
    this.#secrets = secrets
  }

  of(value: unknown, depth: number): unknown {
    if (++this.#values > valuesMax) return '[more]'
    if (typeof value === 'bigint') return value.toString()
    if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`
    if (typeof value !== 'object' || value === null) return value
    if (depth >= depthMax) return '[deeper]'
    try {
      return this.#object(value, depth)
    } catch {
      return '[unreadable]'
    }
  }

  #object(value: object, depth: number): unknown {
    if (value instanceof Date) {
      return Number.isNaN(value.getTime()) ? '[invalid date]' : value.toISOString()
    }
    if (value instanceof Error) return this.#error(value, depth)
    if (value instanceof Uint8Array) return `[${value.length} bytes]`
    if (value instanceof Map) return this.#fields([...value], depth)
    const items = value instanceof Set ? [...value] : value
    if (Array.isArray(items)) {
      return items.slice(0, itemsMax).map((item) => this.of(item, depth + 1))
    }
    return this.#fields(Object.entries(value), depth)
  }

  #fields(entries: readonly (readonly [unknown, unknown])[], depth: number): unknown {
    const pictures = entries.slice(0, itemsMax).map(([key, item]): [string, unknown] => {
      const name = typeof key === 'string' ? key : String(this.of(key, depthMax))
      const isSecret = this.#secrets.has(name.toLowerCase())
      return [name, isSecret ? '[redacted]' : this.of(item, depth + 1)]
    })
    return Object.fromEntries(pictures)
  }

  #error(error: Error, depth: number): unknown {
    const { details } = error as { details?: unknown }
    return {
      type: error.name,
      message: error.message,
      stack: error.stack,
      ...(details === undefined ? {} : { details: this.of(details, depth + 1) }),
      ...(error.cause === undefined ? {} : { cause: this.of(error.cause, depth + 1) }),
    }
  }
}
