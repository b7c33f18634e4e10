// Schemas as trees; a part is unfolded when it is opened, so that recursive schemas end.
import { follow, make, nameOf, onFirstOpen } from './elements.js'

/** A schema's type in one line, without its parts. */
export function typeText(schema) {
  const real = follow(schema)
  if (real.const !== undefined) return JSON.stringify(real.const)
  if (Array.isArray(real.enum)) return real.enum.map((item) => JSON.stringify(item)).join(' | ')
  if (real.type === 'array') return `array of ${typeText(real.items ?? {})}`
  const options = real.oneOf ?? real.anyOf
  if (options !== undefined) return options.map(typeText).join(' | ')
  if (real.type === 'object' || real.properties !== undefined || real.allOf !== undefined) {
    return nameOf(schema) ?? 'object'
  }
  const type = Array.isArray(real.type) ? real.type.join(' | ') : (real.type ?? 'anything')
  return real.format === undefined ? type : `${type} (${real.format})`
}

const limits = {
  minimum: '≥ ',
  exclusiveMinimum: '> ',
  maximum: '≤ ',
  exclusiveMaximum: '< ',
  multipleOf: 'multiple of ',
  minLength: 'length ≥ ',
  maxLength: 'length ≤ ',
  minItems: 'items ≥ ',
  maxItems: 'items ≤ ',
  default: 'default ',
}

/** A schema's limits in words; the limits that every whole number has say nothing. */
function limitText(schema) {
  const real = follow(schema)
  const found = []
  for (const [keyword, words] of Object.entries(limits)) {
    const value = schema?.[keyword] ?? real[keyword]
    if (value === undefined || Math.abs(value) === Number.MAX_SAFE_INTEGER) continue
    found.push(words + (keyword === 'default' ? JSON.stringify(value) : value))
  }
  if (real.pattern !== undefined && real.format === undefined) found.push(`matches ${real.pattern}`)
  return found.join(', ')
}

/** The parts that a schema unfolds into: fields, elements, options. */
function partsOf(schema) {
  const real = follow(schema)
  const parts = []
  for (const [name, field] of Object.entries(real.properties ?? {})) {
    parts.push({ name, schema: field, isRequired: (real.required ?? []).includes(name) })
  }
  for (const part of real.allOf ?? []) parts.push(...partsOf(part))
  const options = real.oneOf ?? real.anyOf ?? []
  for (const [index, option] of options.entries()) {
    if (isCompound(option)) parts.push({ name: `option ${index + 1}`, schema: option })
  }
  if (real.type === 'array' && isCompound(real.items)) parts.push(...partsOf(real.items))
  if (typeof real.additionalProperties === 'object') {
    parts.push({ name: '(any key)', schema: real.additionalProperties })
  }
  return parts
}

function isCompound(schema) {
  const real = follow(schema)
  const hasParts =
    real.properties ?? real.allOf ?? real.oneOf ?? real.anyOf ?? real.additionalProperties
  if (typeof hasParts === 'object') return true
  return real.type === 'array' && isCompound(real.items)
}

export function tree(schema) {
  const list = make('ul', { className: 'tree' })
  for (const part of partsOf(schema)) list.append(make('li', {}, branch(part)))
  if (list.childElementCount === 0) list.append(make('li', {}, ...lineOf({ name: '', schema })))
  return list
}

function branch(part) {
  const line = lineOf(part)
  if (!isCompound(part.schema)) return make('span', {}, ...line)
  const details = make('details', {}, make('summary', {}, ...line))
  onFirstOpen(details, () => details.append(tree(part.schema)))
  return details
}

export function lineOf({ name, schema, isRequired }) {
  const note = [limitText(schema), schema?.description ?? follow(schema).description]
    .filter((text) => text !== undefined && text !== '')
    .join('. ')
  return [
    make('span', { className: 'name' }, name),
    isRequired ? make('span', { className: 'must', title: 'required' }, ' required') : '',
    ' ',
    make('span', { className: 'type' }, typeText(schema)),
    note === '' ? '' : make('span', { className: 'quiet' }, ` ${note}`),
  ]
}
