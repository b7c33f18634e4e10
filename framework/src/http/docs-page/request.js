import { follow, state } from './elements.js'

export function isArray(schema) {
  return follow(schema).type === 'array'
}

/** The request that a form describes. */
export function requestOf({ method, path, operation }, fields, body) {
  const headers = {}
  const query = []
  let target = path
  for (const { parameter, input } of fields) {
    const { name, in: where, schema } = parameter
    const value = input.value
    if (where === 'path') target = target.replace(`{${name}}`, encodeURIComponent(value))
    else if (value === '') continue
    else if (where === 'header') headers[name] = value
    else {
      for (const item of isArray(schema) ? value.split(',') : [value]) {
        query.push(`${encodeURIComponent(name)}=${encodeURIComponent(item.trim())}`)
      }
    }
  }
  const token = document.getElementById('token').value.trim()
  if (token !== '' && (operation.security ?? []).length > 0)
    headers.Authorization = `Bearer ${token}`
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  const server = state.api.servers?.[0]?.url ?? new URL('.', location.href).href
  const url = server.replace(/\/$/, '') + target + (query.length > 0 ? `?${query.join('&')}` : '')
  return { method: method.toUpperCase(), url, headers, body }
}

export function curlOf({ method, url, headers, body }, hidesToken) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`
  const parts = [`curl -X ${method} ${quoted(url)}`]
  for (const [name, value] of Object.entries(headers)) {
    const shown = hidesToken && name === 'Authorization' ? 'Bearer ***' : value
    parts.push(`-H ${quoted(`${name}: ${shown}`)}`)
  }
  if (body !== undefined) parts.push(`--data-binary ${quoted(body)}`)
  return parts.join(' \\\n  ')
}
