import { job } from 'banyan/module'
import { z } from 'zod'

/** Makes the variants of an image. No more at once than the threads of one instance can take: they would
 *  be refused, and count as failed. */
export const resizeJob = job('resize', {
  input: z.object({ imageId: z.uuid() }),
  key: ({ imageId }) => imageId,
  timeout: '2m',
  concurrencyMax: 16,
  retry: { firstMs: 500, maxMs: 60_000 },
})

/** Gives an image up whose file has not arrived. It waits for long, so it must not share a queue and a key
 *  with what is due at once. */
export const giveUpJob = job('giveUp', { input: z.object({ imageId: z.uuid() }) })

/** Deletes what is stored of an image, and then what is known of it. */
export const discardJob = job('discard', {
  input: z.object({ imageId: z.uuid() }),
  key: ({ imageId }) => imageId,
  timeout: '1m',
  retry: { firstMs: 500, maxMs: 600_000 },
})
