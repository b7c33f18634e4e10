import { module } from 'banyan/module'
import { catalog } from '../catalog/contract.ts'
import { mediaConfig } from './context.ts'
import { media } from './contract.ts'
import { discard, giveUp, remove } from './discard.ts'
import { discardJob, giveUpJob, resizeJob } from './jobs.ts'
import { findImage, listImages, readVariant } from './look-up.ts'
import { makeVariants } from './resize.ts'
import { mediaTables } from './rows.ts'
import { upload } from './upload.ts'

export const mediaModule = module(media, {
  uses: [catalog],
  tables: mediaTables,
  config: mediaConfig,
  handlers: {
    upload: (input, ctx) => upload(ctx, input),
    image: ({ imageId }, ctx) => findImage(ctx.db, imageId),
    imagesOf: async ({ sku }, ctx) => ({ images: [...(await listImages(ctx.db, sku))] }),
    variant: (input, ctx) => readVariant(ctx, input),
    remove: async ({ imageId }, ctx) => {
      await remove(ctx, imageId)
      return {}
    },
  },
  messages: ({ perform }) => [
    perform(resizeJob, ({ imageId }, ctx) => makeVariants(ctx, imageId)),
    perform(discardJob, ({ imageId }, ctx) => discard(ctx, imageId)),
    perform(giveUpJob, ({ imageId }, ctx) => giveUp(ctx, imageId)),
  ],
})
