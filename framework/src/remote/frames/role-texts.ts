import { closeCode, ProtocolError } from './layout.ts'

/** Different sets of roles that a connection remembers; there are few in any application. */
const knownMax = 256

/** `customer`, `admin` → `8:customer5:admin`: no role can pass for two. */
export function formatRoles(roles: readonly string[]): string {
  let text = ''
  for (const role of roles) text += `${role.length}:${role}`
  return text
}

/** Reads roles; the same text gives the same array, without reading it again. */
export class RoleTexts {
  readonly #known = new Map<string, readonly string[]>()

  /** @throws ProtocolError */
  read(text: string): readonly string[] {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const roles = Object.freeze(parseRoles(text))
    if (this.#known.size >= knownMax) this.#known.clear()
    this.#known.set(text, roles)
    return roles
  }
}

function parseRoles(text: string): string[] {
  const roles: string[] = []
  for (let at = 0; at < text.length; ) {
    const colon = text.indexOf(':', at)
    const digits = text.slice(at, colon)
    const end = colon + 1 + Number(digits)
    if (colon === -1 || !/^(?:0|[1-9]\d{0,4})$/.test(digits) || end > text.length) {
      throw new ProtocolError(closeCode.protocol, 'malformed roles')
    }
    roles.push(text.slice(colon + 1, end))
    at = end
  }
  return roles
}
