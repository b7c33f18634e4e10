// Text enters the page only as text, never as markup.

/** The OpenAPI document, once it has arrived. */
export const state = { api: {} }

/** An element with properties and children; strings become text. */
export function make(tag, properties, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name.includes('-') || name === 'role' || name === 'for') element.setAttribute(name, value)
    else element[name] = value
  }
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** What a reference stands for. */
export function follow(part) {
  let found = part ?? {}
  for (let hops = 0; typeof found.$ref === 'string' && hops < 20; hops++) {
    const keys = found.$ref.split('/').slice(1)
    found =
      keys.reduce((at, key) => at?.[key.replace(/~1/g, '/').replace(/~0/g, '~')], state.api) ?? {}
  }
  return found
}

export function nameOf(schema) {
  return typeof schema?.$ref === 'string' ? schema.$ref.split('/').pop() : undefined
}

/** Runs `fill` when the details are opened for the first time. */
export function onFirstOpen(details, fill) {
  let isFilled = false
  details.addEventListener('toggle', () => {
    if (isFilled || !details.open) return
    isFilled = true
    fill()
  })
}
