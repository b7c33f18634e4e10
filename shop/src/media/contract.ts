import { command, contract, failure, fileAnswer, query } from 'banyan/contract'
import { z } from 'zod'
import { skuSchema } from '../catalog/contract.ts'

/** Bytes of an uploaded image: what a call between services carries, base64 being a third longer. */
export const uploadBytesMax = 3_000_000
const requestBytesMax = 4 * 1024 * 1024

/** Widths that every image is offered in; one that is narrower is not blown up. */
export const widths = [160, 480, 1_200] as const
export type Width = (typeof widths)[number]

export const variantNames = widths.flatMap((width) => [`${width}.webp`, `${width}.jpg`] as const)
export type VariantName = (typeof variantNames)[number]

const variantSchema = z.object({
  name: z.enum(variantNames),
  contentType: z.enum(['image/webp', 'image/jpeg']),
  width: z.int(),
  height: z.int(),
  sizeBytes: z.int(),
})
export type Variant = z.output<typeof variantSchema>

const imageSchema = z.object({
  imageId: z.uuid(),
  sku: skuSchema,
  /** What it shows, for those who cannot see it. */
  alt: z.string(),
  /** `stored`: accepted, variants come; `ready`: all of them are there. */
  state: z.enum(['stored', 'ready']),
  width: z.int(),
  height: z.int(),
  variants: z.array(variantSchema),
})
export type Image = z.output<typeof imageSchema>

const uploadSchema = z.object({
  sku: skuSchema,
  alt: z.string().min(1).max(200),
  /** JPEG, PNG, WebP or AVIF. */
  bytes: z
    .instanceof(Uint8Array)
    .refine((bytes) => bytes.length > 0 && bytes.length <= uploadBytesMax, {
      message: `1 to ${uploadBytesMax} bytes`,
    }),
})
export type Upload = z.output<typeof uploadSchema>

/** Pictures of products: taken in, cleaned, made in several sizes, and shown. */
export const media = contract('media', {
  failures: {
    imageMissing: failure(
      'not_found',
      z.object({ imageId: z.string() }),
      ({ imageId }) => `there is no image ${imageId}`,
    ),
    variantMissing: failure(
      'not_found',
      z.object({ imageId: z.string(), name: z.string() }),
      ({ imageId, name }) => `the image ${imageId} has no ${name}, or not yet`,
    ),
    imageRefused: failure(
      'invalid',
      z.object({ reason: z.enum(['format', 'damaged', 'pixels']) }),
      ({ reason }) => refusals[reason],
    ),
    productMissing: failure(
      'not_found',
      z.object({ sku: z.string() }),
      ({ sku }) => `there is no product ${sku}`,
    ),
  },
  operations: {
    upload: command({
      summary: 'Takes an image of a product in; its variants are made soon after.',
      input: uploadSchema,
      output: imageSchema,
      http: 'POST /media/images',
      status: 202,
      access: ['clerk'],
      failures: ['imageRefused', 'imageMissing', 'productMissing'],
      idempotency: 'required',
      timeout: '20s',
      bodyBytesMax: requestBytesMax,
    }),
    image: query({
      summary: 'Reads what is known of an image.',
      input: z.object({ imageId: z.uuid() }),
      output: imageSchema,
      http: 'GET /media/images/{imageId}',
      access: 'public',
      failures: ['imageMissing'],
      timeout: '2s',
    }),
    imagesOf: query({
      summary: 'Lists the images of a product, oldest first, at most 50.',
      input: z.object({ sku: skuSchema }),
      output: z.object({ images: z.array(imageSchema) }),
      http: 'GET /products/{sku}/images',
      access: 'public',
      timeout: '2s',
    }),
    variant: query({
      summary: 'Reads one variant of an image, as a file.',
      input: z.object({ imageId: z.uuid(), name: z.enum(variantNames) }),
      output: fileAnswer,
      http: 'GET /media/images/{imageId}/{name}',
      access: 'public',
      failures: ['variantMissing'],
      criticality: 'sheddable',
    }),
    remove: command({
      summary: 'Removes an image; its files go soon after.',
      input: z.object({ imageId: z.uuid() }),
      output: z.object({}),
      http: 'DELETE /media/images/{imageId}',
      status: 204,
      access: ['clerk'],
      failures: ['imageMissing'],
    }),
  },
})

const refusals = {
  format: 'only JPEG, PNG, WebP and AVIF images are taken',
  damaged: 'the image is damaged or incomplete',
  pixels: 'the image has more than 40 million pixels',
} as const
