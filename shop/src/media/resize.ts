import type { MediaMessage } from './context.ts'
import { type Width, widths } from './contract.ts'
import { discardFiles } from './discard.ts'
import { masterKey, variantKey } from './file-keys.ts'
import { resizeImage } from './image-threads.ts'

/** Makes the variants that are still missing, width by width: a run that died goes on where it was. A
 *  variant is known when its file is stored, so that nobody is shown what is not there. */
export async function makeVariants(ctx: MediaMessage, imageId: string): Promise<void> {
  for (const width of await missingWidths(ctx, imageId)) {
    await ctx.faultPoint('media.resize.before')
    await makeWidth(ctx, imageId, width)
    ctx.progress((widths.indexOf(width) + 1) / widths.length)
  }
  const isKept = await ctx.transaction(
    async (tx) => {
      const row = await tx
        .updateTable('image')
        .set({ state: 'ready' })
        .where('id', '=', imageId)
        .where('state', 'in', ['stored', 'ready'])
        .returning('id')
        .executeTakeFirst()
      return row !== undefined
    },
    { recorded: false },
  )
  // removed meanwhile: its files are deleted by whoever stored the last of them
  if (!isKept) await discardFiles(ctx, imageId)
}

/** None for an image that is being removed. */
async function missingWidths(ctx: MediaMessage, imageId: string): Promise<readonly Width[]> {
  return ctx.transaction(
    async (tx) => {
      const image = await tx
        .selectFrom('image')
        .select('state')
        .where('id', '=', imageId)
        .executeTakeFirst()
      if (image?.state !== 'stored') return []
      const made = await tx
        .selectFrom('image_variant')
        .select('name')
        .where('image_id', '=', imageId)
        .execute()
      const names = new Set(made.map(({ name }) => name))
      return widths.filter((width) => !names.has(`${width}.webp`) || !names.has(`${width}.jpg`))
    },
    { recorded: false },
  )
}

async function makeWidth(ctx: MediaMessage, imageId: string, width: Width): Promise<void> {
  await using master = await ctx.files.get(masterKey(imageId))
  const variants = await resizeImage(ctx, await master.bytes(), width)
  for (const { name, contentType, bytes } of variants) {
    await ctx.files.put(variantKey(imageId, name), bytes, { contentType })
  }
  await ctx.faultPoint('media.resize.after')
  const rows = variants.map(({ name, contentType, bytes, ...size }) => ({
    image_id: imageId,
    name,
    content_type: contentType,
    width: size.width,
    height: size.height,
    size_bytes: bytes.length,
  }))
  await ctx.transaction(
    async (tx) => {
      // the row of the image is locked, so that it cannot go between the look and the insert
      const image = await tx
        .selectFrom('image')
        .select('id')
        .where('id', '=', imageId)
        .where('state', '=', 'stored')
        .forShare()
        .executeTakeFirst()
      if (image === undefined) return
      await tx
        .insertInto('image_variant')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
    { recorded: false },
  )
}
