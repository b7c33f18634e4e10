import { catalog } from '../catalog/contract.ts'
import type { MediaContext } from './context.ts'
import { type Image, media, type Upload } from './contract.ts'
import { masterKey } from './file-keys.ts'
import type { CleanImage } from './image-task.ts'
import { cleanImage } from './image-threads.ts'
import { giveUpJob, resizeJob } from './jobs.ts'
import { toImage } from './look-up.ts'

/** Takes an image in: a row that nobody sees, then the file, then the row that shows it. What dies in
 *  between is done again by the same request, or forgotten by a job.
 *  @throws MEDIA_IMAGE_REFUSED · MEDIA_PRODUCT_MISSING · MEDIA_IMAGE_MISSING (it was given up meanwhile) */
export async function upload(ctx: MediaContext, input: Upload): Promise<Image> {
  await assertProduct(ctx, input.sku)
  const clean = await cleanImage(ctx, input.bytes)
  const imageId = await begin(ctx, input, clean)
  await ctx.faultPoint('media.upload.before')
  if (await isArriving(ctx, imageId)) {
    await ctx.files.put(masterKey(imageId), clean.bytes, { contentType: 'image/webp' })
  }
  await ctx.faultPoint('media.upload.after')
  return finish(ctx, imageId)
}

async function assertProduct({ call }: MediaContext, sku: string): Promise<void> {
  try {
    await call.catalog.product({ sku })
  } catch (error) {
    if (catalog.failures.productMissing.is(error)) throw media.failures.productMissing({ sku })
    throw error
  }
}

function begin(ctx: MediaContext, { sku, alt }: Upload, { width, height }: CleanImage) {
  return ctx.transaction(async (tx) => {
    const id = ctx.ids.next()
    const uploadedAt = new Date(ctx.clock.nowMs())
    await tx
      .insertInto('image')
      .values({ id, sku, alt, state: 'arriving', width, height, uploaded_at: uploadedAt })
      .execute()
    const delayMs = ctx.config.abandonMs
    tx.enqueue(giveUpJob, { imageId: id }, { delayMs })
    return id
  })
}

/** A repetition of a request whose image has been removed since must not bring its file back. */
async function isArriving(ctx: MediaContext, imageId: string): Promise<boolean> {
  const found = await ctx.transaction(
    (tx) => tx.selectFrom('image').select('state').where('id', '=', imageId).executeTakeFirst(),
    { recorded: false },
  )
  return found?.state === 'arriving'
}

function finish(ctx: MediaContext, imageId: string): Promise<Image> {
  return ctx.transaction(async (tx) => {
    const row = await tx
      .updateTable('image')
      .set({ state: 'stored' })
      .where('id', '=', imageId)
      .where('state', '=', 'arriving')
      .returningAll()
      .executeTakeFirst()
    if (row === undefined) throw media.failures.imageMissing({ imageId })
    tx.enqueue(resizeJob, { imageId })
    return toImage(row, [])
  })
}
