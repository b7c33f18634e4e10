import type { TableReader } from 'banyan/data'
import type { FileReader } from 'banyan/module'
import type { Selectable } from 'kysely'
import { type Image, media, type VariantName, variantNames } from './contract.ts'
import { variantKey } from './file-keys.ts'
import type { ImageRow, ImageVariantRow, MediaRows } from './rows.ts'

const imagesMax = 50

/** @throws MEDIA_IMAGE_MISSING */
export async function findImage(db: TableReader<MediaRows>, imageId: string): Promise<Image> {
  const row = await db
    .selectFrom('image')
    .selectAll()
    .where('id', '=', imageId)
    .where('state', 'in', ['stored', 'ready'])
    .executeTakeFirst()
  if (row === undefined) throw media.failures.imageMissing({ imageId })
  return toImage(row, await variantsOf(db, [imageId]))
}

/** Ids are in the order of time, to the millisecond. */
export async function listImages(
  db: TableReader<MediaRows>,
  sku: string,
): Promise<readonly Image[]> {
  const rows = await db
    .selectFrom('image')
    .selectAll()
    .where('sku', '=', sku)
    .where('state', 'in', ['stored', 'ready'])
    .orderBy('id')
    .limit(imagesMax)
    .execute()
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const variants = await variantsOf(db, ids)
  return rows.map((row) => toImage(row, variants))
}

/** One variant as a file.
 *  @throws MEDIA_VARIANT_MISSING */
export async function readVariant(
  { db, files }: { readonly db: TableReader<MediaRows>; readonly files: FileReader },
  { imageId, name }: { readonly imageId: string; readonly name: VariantName },
): Promise<{ contentType: string; bytes: Uint8Array }> {
  const row = await db
    .selectFrom('image_variant')
    .innerJoin('image', 'image.id', 'image_variant.image_id')
    .select('content_type')
    .where('image.id', '=', imageId)
    .where('image.state', 'in', ['stored', 'ready'])
    .where('image_variant.name', '=', name)
    .executeTakeFirst()
  if (row === undefined) throw media.failures.variantMissing({ imageId, name })
  try {
    await using file = await files.get(variantKey(imageId, name))
    return { contentType: row.content_type, bytes: await file.bytes() }
  } catch (error) {
    // removed between the look at the row and the look at the file
    if (isMissing(error)) throw media.failures.variantMissing({ imageId, name })
    throw error
  }
}

/** An image as the contract shows it; of the given variants it takes its own. */
export function toImage(
  row: Selectable<ImageRow>,
  variants: readonly Selectable<ImageVariantRow>[],
): Image {
  const { id, sku, alt, width, height } = row
  const own = variants.filter(({ image_id }) => image_id === id)
  const order = (name: VariantName): number => variantNames.indexOf(name)
  return {
    ...{ imageId: id, sku, alt, width, height },
    state: row.state === 'ready' ? 'ready' : 'stored',
    variants: own
      .toSorted((one, other) => order(one.name) - order(other.name))
      .map(({ name, content_type, size_bytes, ...size }) => ({
        name,
        contentType: content_type,
        width: size.width,
        height: size.height,
        sizeBytes: size_bytes,
      })),
  }
}

function variantsOf(
  db: TableReader<MediaRows>,
  imageIds: readonly string[],
): Promise<readonly Selectable<ImageVariantRow>[]> {
  return db.selectFrom('image_variant').selectAll().where('image_id', 'in', imageIds).execute()
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'FILES_NOT_FOUND'
}
