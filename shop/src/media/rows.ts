import { tables } from 'banyan/data'
import type { ColumnType } from 'kysely'
import type { VariantName } from './contract.ts'

/** `arriving`: its file is being stored; `removing`: its files are being deleted. Nobody sees either. */
export type ImageState = 'arriving' | 'stored' | 'ready' | 'removing'

export interface ImageRow {
  readonly id: string
  readonly sku: string
  readonly alt: string
  readonly state: ImageState
  readonly width: number
  readonly height: number
  readonly uploaded_at: ColumnType<Date, Date, never>
}

export interface ImageVariantRow {
  readonly image_id: string
  readonly name: VariantName
  readonly content_type: 'image/webp' | 'image/jpeg'
  readonly width: number
  readonly height: number
  readonly size_bytes: number
}

export interface MediaRows {
  readonly image: ImageRow
  readonly image_variant: ImageVariantRow
}

export const mediaTables = tables<MediaRows>(new URL('./sql/', import.meta.url))
