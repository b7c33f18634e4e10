// The API page: reads openapi.json and builds everything from it.
import { make, state } from './elements.js'
import { card } from './operation-card.js'

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** Operations by module, in the document's order. */
function groupsOf(document_) {
  const groups = new Map((document_.tags ?? []).map(({ name }) => [name, []]))
  for (const [path, item] of Object.entries(document_.paths ?? {})) {
    for (const method of methods) {
      const operation = item[method]
      if (operation === undefined) continue
      const group = operation.tags?.[0] ?? 'other'
      const id = operation.operationId ?? `${method} ${path}`
      if (!groups.has(group)) groups.set(group, [])
      groups.get(group).push({ method, path, operation, id })
    }
  }
  return groups
}

function render() {
  const { title = 'API', version = '' } = state.api.info ?? {}
  document.title = `${title} API`
  document.getElementById('title').replaceChildren(`${title} `, make('small', {}, version))
  const main = document.getElementById('operations')
  const index = document.getElementById('index')
  main.replaceChildren()
  const entries = []
  for (const [group, operations] of groupsOf(state.api)) {
    const heading = make('h2', { id: `module-${group}` }, group)
    const section = make('section', { 'aria-labelledby': heading.id }, heading)
    const list = make('ul', {})
    for (const entry of operations) {
      section.append(card(entry))
      entry.item = make('li', {}, indexLink(entry))
      list.append(entry.item)
      entries.push({ ...entry, section })
    }
    main.append(section)
    index.append(make('h2', {}, group), list)
  }
  document.getElementById('filter').addEventListener('input', (event) => {
    filter(entries, event.target.value.trim().toLowerCase())
  })
  window.addEventListener('hashchange', openTarget)
  openTarget()
}

function indexLink({ method, path, id }) {
  const badge = make('span', { className: `method ${method}` }, method.toUpperCase())
  return make('a', { href: `#${id}` }, badge, make('span', { className: 'path' }, path))
}

function filter(entries, text) {
  for (const { element, item, id, path, operation } of entries) {
    const all = `${id} ${path} ${operation.summary ?? ''}`.toLowerCase()
    element.hidden = !all.includes(text)
    item.hidden = element.hidden
  }
  for (const section of new Set(entries.map((entry) => entry.section))) {
    section.hidden = section.querySelector('article:not([hidden])') === null
  }
}

function openTarget() {
  const article = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  const details = article?.querySelector(':scope > details')
  if (!details) return
  details.open = true
  article.scrollIntoView()
  details.querySelector('summary').focus({ preventScroll: true })
}

function startTheme() {
  const root = document.documentElement
  const prefersDark = matchMedia('(prefers-color-scheme: dark)')
  document.getElementById('theme').addEventListener('click', () => {
    const isDark = (root.dataset.theme ?? (prefersDark.matches ? 'dark' : 'light')) === 'dark'
    root.dataset.theme = isDark ? 'light' : 'dark'
  })
}

async function start() {
  startTheme()
  try {
    const response = await fetch('openapi.json', { credentials: 'omit' })
    if (!response.ok) throw new Error(`status ${response.status}`)
    state.api = await response.json()
    render()
  } catch (error) {
    const status = document.getElementById('status')
    if (status !== null) status.textContent = `openapi.json could not be read: ${error.message}`
  }
}

void start()
