import { follow, make, onFirstOpen } from './elements.js'
import { lineOf, tree } from './schema-tree.js'
import { tryForm } from './try-form.js'

function accessText(operation) {
  const access = operation['x-banyan-access']
  if (Array.isArray(access)) return access.join(' or ')
  return access ?? ((operation.security ?? []).length > 0 ? 'signed-in' : 'public')
}

export function card(entry) {
  const { method, path, operation, id } = entry
  const summary = make(
    'summary',
    {},
    make('span', { className: `method ${method}` }, method.toUpperCase()),
    make('span', { className: 'path' }, path),
    make('span', {}, operation.summary ?? ''),
    make('span', { className: 'quiet access', title: 'Who may call' }, accessText(operation)),
  )
  const details = make('details', {}, summary)
  const inside = make('div', { className: 'inside' })
  onFirstOpen(details, () => {
    details.append(inside)
    fillCard(inside, entry)
  })
  entry.element = make('article', { id }, details)
  entry.details = details
  return entry.element
}

function fillCard(inside, entry) {
  const { operation, id } = entry
  const facts = [id, operation['x-banyan-kind'], operation.description]
  if (operation['x-banyan-timeout-ms'] !== undefined) {
    facts.push(`answers within ${operation['x-banyan-timeout-ms']} ms`)
  }
  inside.append(make('p', { className: 'quiet' }, facts.filter(Boolean).join(' · ')))
  const parameters = (operation.parameters ?? []).map(follow)
  if (parameters.length > 0) inside.append(make('h3', {}, 'Parameters'), parameterList(parameters))
  const body = bodySchema(operation)
  if (body !== undefined) inside.append(make('h3', {}, 'Body'), tree(body))
  inside.append(make('h3', {}, 'Answers'), ...answersOf(operation))
  inside.append(make('h3', {}, 'Try it'), tryForm(entry, parameters, body))
}

function parameterList(parameters) {
  const list = make('ul', { className: 'tree' })
  for (const { name, required, schema, description, in: where } of parameters) {
    const part = { name, isRequired: required, schema: { ...schema, description } }
    const line = lineOf({ ...part, schema: schema ?? {} })
    const place = make('span', { className: 'quiet' }, ` (in the ${where}) ${description ?? ''}`)
    list.append(make('li', {}, ...line, place))
  }
  return list
}

function bodySchema(operation) {
  const body = follow(operation.requestBody)
  return body.content?.['application/json']?.schema
}

function answersOf(operation) {
  return Object.entries(operation.responses ?? {}).map(([status, given]) => {
    const response = follow(given)
    const schema = Object.values(response.content ?? {})[0]?.schema
    const codes = schema === undefined ? [] : codesOf(schema)
    const text = ` ${response.description ?? ''} ${codes.join(', ')}`
    const line = [
      make('span', { className: 'name' }, status),
      make('span', { className: 'quiet' }, text),
    ]
    if (schema === undefined) return make('div', {}, ...line)
    const details = make('details', { className: 'answer' }, make('summary', {}, ...line))
    onFirstOpen(details, () => details.append(tree(schema)))
    return details
  })
}

/** The error codes that a problem's schema names. */
function codesOf(schema, depth = 0) {
  const real = follow(schema)
  if (depth > 4) return []
  const code = real.properties?.code ?? {}
  const own = code.const === undefined ? (code.enum ?? []) : [code.const]
  const below = [...(real.allOf ?? []), ...(real.anyOf ?? []), ...(real.oneOf ?? [])]
  return [...new Set([...own, ...below.flatMap((part) => codesOf(part, depth + 1))])]
}
