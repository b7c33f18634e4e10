import type { Files } from 'banyan/module'
import type { MediaContext, MediaMessage } from './context.ts'
import { media } from './contract.ts'
import { prefixOf } from './file-keys.ts'
import { discardJob } from './jobs.ts'

/** Hides an image at once, and asks for its files to be deleted. A second request finds it hidden, and is
 *  content. @throws MEDIA_IMAGE_MISSING */
export async function remove(ctx: MediaContext, imageId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const hidden = await tx
      .updateTable('image')
      .set({ state: 'removing' })
      .where('id', '=', imageId)
      .where('state', 'in', ['stored', 'ready', 'removing'])
      .returning('id')
      .executeTakeFirst()
    if (hidden === undefined) throw media.failures.imageMissing({ imageId })
    tx.enqueue(discardJob, { imageId })
  })
}

/** Deletes the files first and the row last: while there is a file, a row leads to it. */
export async function discard(ctx: MediaMessage, imageId: string): Promise<void> {
  await ctx.faultPoint('media.discard.before')
  await discardFiles(ctx, imageId)
  await ctx.faultPoint('media.discard.after')
  await ctx.transaction(
    (tx) =>
      tx.deleteFrom('image').where('id', '=', imageId).where('state', '=', 'removing').execute(),
    { recorded: false },
  )
}

/** Deletes whatever is stored of an image. May be repeated. */
export async function discardFiles(
  { files }: { readonly files: Files },
  imageId: string,
): Promise<void> {
  const page = await files.list(prefixOf(imageId), { countMax: 100 })
  for (const { key } of page.files) await files.delete(key)
}

/** Discards an image whose file has not arrived by now. */
export async function giveUp(ctx: MediaMessage, imageId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const hidden = await tx
      .updateTable('image')
      .set({ state: 'removing' })
      .where('id', '=', imageId)
      .where('state', '=', 'arriving')
      .returning('id')
      .executeTakeFirst()
    if (hidden !== undefined) tx.enqueue(discardJob, { imageId })
  })
}
