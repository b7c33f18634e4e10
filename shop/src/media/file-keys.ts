import type { VariantName } from './contract.ts'

/** Everything of one image is below one prefix, so that removing it needs no list of what was made. */
export function prefixOf(imageId: string): string {
  return `images/${imageId}/`
}

/** The cleaned upload, from which variants are made; it is never shown. */
export function masterKey(imageId: string): string {
  return `${prefixOf(imageId)}master.webp`
}

export function variantKey(imageId: string, name: VariantName): string {
  return `${prefixOf(imageId)}${name}`
}
