import type { ThreadTask } from 'banyan/threads'
import sharp, { type Sharp } from 'sharp'
import { media, type Width } from './contract.ts'
import { isKnownFormat } from './image-format.ts'
import type { CleanImage, ImageTask, ImageTaskResult, MadeVariant } from './image-task.ts'

/** Most pixels of an upload; four bytes each is what a decoder may need at once. */
const pixelsMax = 40_000_000
/** Longest side of what is kept; twice the widest variant. */
const masterSideMax = 2_400
const secondsMax = 12

// One thread has one image at a time, and other threads have theirs: no threads inside of threads, and
// nothing kept for images that do not come again. Both hold for the whole process.
sharp.concurrency(1)
sharp.cache(false)

/** @throws MEDIA_IMAGE_REFUSED */
export const run: ThreadTask<ImageTask, ImageTaskResult> = (task) =>
  task.do === 'clean' ? clean(task.bytes) : resize(task.bytes, task.width)

/** Decodes the whole image, so that what is accepted can be shown. Metadata is left behind. */
async function clean(bytes: Uint8Array): Promise<CleanImage> {
  if (!isKnownFormat(bytes)) throw media.failures.imageRefused({ reason: 'format' })
  try {
    const size = await uprightSize(bytes)
    const master = open(bytes)
      .autoOrient()
      .resize(masterSideMax, masterSideMax, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 90, effort: 2 })
    return { bytes: await ownBytes(master), ...size }
  } catch (error) {
    const isTooLarge = error instanceof Error && error.message.includes('pixel limit')
    throw media.failures.imageRefused({ reason: isTooLarge ? 'pixels' : 'damaged' })
  }
}

async function resize(bytes: Uint8Array, width: Width): Promise<readonly MadeVariant[]> {
  const smaller = (): Sharp => open(bytes).resize({ width, withoutEnlargement: true })
  const webp = await made(smaller().webp({ quality: 80 }))
  // a format without transparency shows white behind it
  const flat = smaller().flatten({ background: '#ffffff' })
  const jpeg = await made(flat.jpeg({ quality: 82, progressive: true }))
  return [
    { name: `${width}.webp`, contentType: 'image/webp', ...webp },
    { name: `${width}.jpg`, contentType: 'image/jpeg', ...jpeg },
  ]
}

function open(bytes: Uint8Array): Sharp {
  return sharp(bytes, { limitInputPixels: pixelsMax, failOn: 'error' }).timeout({
    seconds: secondsMax,
  })
}

async function uprightSize(bytes: Uint8Array): Promise<{ width: number; height: number }> {
  const { autoOrient } = await open(bytes).metadata()
  return { width: autoOrient.width, height: autoOrient.height }
}

async function made(image: Sharp): Promise<Pick<MadeVariant, 'bytes' | 'width' | 'height'>> {
  const { data, info } = await image.toBuffer({ resolveWithObject: true })
  return { bytes: new Uint8Array(data), width: info.width, height: info.height }
}

async function ownBytes(image: Sharp): Promise<Uint8Array> {
  return new Uint8Array(await image.toBuffer())
}
