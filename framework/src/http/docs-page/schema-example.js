import { follow } from './elements.js'

/** A value that fits a schema, to start from. */
export function exampleOf(schema, depth = 0) {
  const real = follow(schema)
  if (schema?.default !== undefined) return schema.default
  const given = real.example ?? real.examples?.[0] ?? real.const ?? real.default ?? real.enum?.[0]
  if (given !== undefined) return given
  if (depth > 5) return undefined
  const option = (real.oneOf ?? real.anyOf)?.[0]
  if (option !== undefined) return exampleOf(option, depth + 1)
  if (real.type === 'array') {
    const item =
      (real.minItems ?? 0) > 0 || depth < 2 ? exampleOf(real.items, depth + 1) : undefined
    return item === undefined ? [] : [item]
  }
  if (real.properties !== undefined || real.allOf !== undefined) return exampleObject(real, depth)
  return exampleScalar(real)
}

function exampleObject(real, depth) {
  const example = {}
  for (const part of real.allOf ?? []) Object.assign(example, exampleOf(part, depth + 1))
  for (const [name, field] of Object.entries(real.properties ?? {})) {
    if (depth > 0 && !(real.required ?? []).includes(name)) continue
    const value = exampleOf(field, depth + 1)
    if (value !== undefined) example[name] = value
  }
  return example
}

const formats = {
  uuid: '00000000-0000-7000-8000-000000000000',
  'date-time': '2026-01-31T12:00:00.000Z',
  date: '2026-01-31',
  email: 'someone@example.org',
  uri: 'https://example.org/',
  bigint: '0',
}

function exampleScalar(real) {
  const type = Array.isArray(real.type) ? real.type[0] : real.type
  if (type === 'integer' || type === 'number') return Math.max(real.minimum ?? 0, 0)
  if (type === 'boolean') return false
  if (type === 'null') return null
  if (type !== 'string') return {}
  return formats[real.format] ?? 'x'.repeat(Math.min(real.minLength ?? 0, 40))
}
