import type { BanyanError } from '../kernel/index.ts'

/** An error of the road as text, in the form in which a callee encodes its own: `code` first. */
export function encodeRefusal({ code, kind, message, fix, details }: BanyanError): string {
  return JSON.stringify({ code, kind, message, fix, details })
}
