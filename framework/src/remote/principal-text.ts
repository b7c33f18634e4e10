import type { Principal } from '../kernel/index.ts'

/** The principal in a JSON text `{"subject","roles"}`, or undefined when it is none. */
export function tryDecodePrincipal(text: string): Principal | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    const { subject, roles } = value as Partial<Record<'subject' | 'roles', unknown>>
    if (typeof subject !== 'string' || !isTexts(roles)) return undefined
    return { subject, roles }
  } catch {
    return undefined
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
