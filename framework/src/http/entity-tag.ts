import { hash } from 'node:crypto'

/** A strong entity tag over an answer's body: equal bytes have equal tags. */
export function entityTagOf(body: string | Uint8Array): string {
  return `"${hash('sha1', body, 'base64url')}"`
}

/** Whether an If-None-Match header names the tag; weak comparison, as RFC 9110 §13.1.2 asks. */
export function matchesEntityTag(header: string, tag: string): boolean {
  if (header === tag) return true
  if (header.trim() === '*') return true
  if (!header.includes(tag)) return false
  return header.split(',').some((item) => item.trim().replace(/^W\//, '') === tag)
}
