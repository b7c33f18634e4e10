import type { VariantName, Width } from './contract.ts'

/** What the threads do with images. */
export type ImageTask =
  | { readonly do: 'clean'; readonly bytes: Uint8Array }
  | { readonly do: 'resize'; readonly bytes: Uint8Array; readonly width: Width }

/** An upload as it is kept: decoded whole, turned upright, without metadata. */
export interface CleanImage {
  readonly bytes: Uint8Array
  /** Of the image as it was uploaded, upright. */
  readonly width: number
  readonly height: number
}

/** A variant with its bytes. */
export interface MadeVariant {
  readonly name: VariantName
  readonly contentType: 'image/webp' | 'image/jpeg'
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
}

export type ImageTaskResult = CleanImage | readonly MadeVariant[]
