import { follow, make } from './elements.js'
import { curlOf, isArray, requestOf } from './request.js'
import { exampleOf } from './schema-example.js'
import { typeText } from './schema-tree.js'

export function tryForm(entry, parameters, body) {
  const fields = []
  const rows = make('div', { className: 'row' })
  for (const parameter of parameters) {
    const input = parameterInput(parameter)
    fields.push({ parameter, input })
    const label = parameter.name + (parameter.required ? ' *' : '')
    rows.append(make('label', { className: 'field' }, make('span', {}, label), input))
  }
  const text =
    body === undefined
      ? undefined
      : make('textarea', { value: JSON.stringify(exampleOf(body), null, 2), spellcheck: false })
  const curl = make('pre', { tabIndex: 0 })
  const output = make('div', { role: 'status', 'aria-live': 'polite' })
  const copy = make('button', { type: 'button' }, 'Copy curl')
  const form = make(
    'form',
    {},
    fields.length > 0 ? rows : '',
    text === undefined
      ? ''
      : make('label', { className: 'field' }, make('span', {}, 'Body (JSON)'), text),
    make('div', { className: 'row' }, make('button', { className: 'main' }, 'Send'), copy),
    curl,
    output,
  )
  const request = () => requestOf(entry, fields, text?.value)
  const show = () => {
    curl.textContent = curlOf(request(), true)
  }
  form.addEventListener('input', show)
  document.getElementById('token').addEventListener('input', show)
  copy.addEventListener('click', () => copyText(curlOf(request(), false), copy))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send(request(), output)
  })
  show()
  return form
}

function parameterInput({ name, in: where, schema, required }) {
  const isKey = where === 'header' && name === 'Idempotency-Key'
  const choices =
    follow(schema).enum ?? (follow(schema).type === 'boolean' ? [true, false] : undefined)
  if (choices !== undefined) {
    const options = ['', ...choices].map((choice) => make('option', {}, String(choice)))
    return make('select', { required: required === true }, ...options)
  }
  const start = isKey ? newKey() : where === 'path' ? String(exampleOf(schema) ?? '') : ''
  const hint = typeText(schema) + (isArray(schema) ? ', split by commas' : '')
  const input = make('input', { value: start, placeholder: hint, required: required === true })
  if (isKey) input.title = 'Keep it to send the same intention again; change it for a new one.'
  return input
}

function newKey() {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

async function copyText(text, button) {
  const before = button.textContent
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = 'Copied'
  } catch {
    button.textContent = 'Copying is not allowed here'
  }
  setTimeout(() => {
    button.textContent = before
  }, 1500)
}

async function send(request, output) {
  output.replaceChildren(make('p', { className: 'quiet' }, 'Waiting for the answer …'))
  const startMs = performance.now()
  try {
    const { method, headers, body } = request
    const response = await fetch(request.url, { method, headers, body, credentials: 'omit' })
    const text = await response.text()
    showAnswer(output, response, { text, tookMs: performance.now() - startMs })
  } catch (error) {
    output.replaceChildren(make('p', { className: 'failed' }, `No answer: ${error.message}`))
  }
}

function showAnswer(output, response, { text, tookMs }) {
  const line = `${response.status} ${response.statusText} · ${tookMs.toFixed(1)} ms`
  const names = ['trace-id', 'etag', 'retry-after', 'cache-control']
  const headers = names
    .filter((name) => response.headers.has(name))
    .map((name) => `${name}: ${response.headers.get(name)}`)
  output.replaceChildren(
    make('p', { className: response.ok ? 'name' : 'name failed' }, line),
    make('p', { className: 'quiet' }, headers.join(' · ')),
    text === '' ? '' : make('pre', { tabIndex: 0 }, pretty(text)),
  )
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
