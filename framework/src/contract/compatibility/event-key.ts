/** What a key function reads, as text: `(p) => p.orderId` is `{orderId}`, a template keeps its fixed
 *  parts. Found by calling it with a payload whose fields stand for themselves; undefined where the
 *  function wants to know more than that. */
export function tryDescribeKey(key: (payload: never) => unknown): string | undefined {
  try {
    return String(key(placeholder('') as never))
  } catch {
    return undefined
  }
}

/** Stands for the field at `path`: its fields stand for theirs, a method call for its result. */
function placeholder(path: string): unknown {
  const text = (): string => `{${path}}`
  return new Proxy(() => {}, {
    get(_target, field) {
      if (field === Symbol.toPrimitive || field === 'toString' || field === 'toJSON') return text
      if (typeof field === 'symbol') throw new TypeError(`a key may not read ${String(field)}`)
      return placeholder(path === '' ? field : `${path}.${field}`)
    },
    apply: (_target, _self, values) => placeholder(`${path}(${values.map(String).join(',')})`),
  })
}
