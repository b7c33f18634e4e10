const lengthMax = 60

/** Any value as it may stand in a message: short, on one line. */
export function showValue(value: unknown): string {
  const text = textOf(value).replaceAll(/\s+/g, ' ')
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text
}

function textOf(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint' || typeof value === 'symbol') return `a ${typeof value}`
  // JSON has no word for these.
  if (typeof value === 'number' || value === undefined) return String(value)
  const text = tryWriteJson(value)
  return text ?? `a value of type ${typeof value} that cannot be written`
}

function tryWriteJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
