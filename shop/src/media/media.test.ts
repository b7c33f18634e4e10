import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import sharp from 'sharp'
import { uploadBytesMax, type Image, media, variantNames } from './contract.ts'
import { acceptedImages, bombs, picture, telephoneJpeg } from './images.fixture.ts'
import { openMedia, type TestMedia } from '../../testing/test-media.ts'

describe('images of products', () => {
  let shop: TestMedia
  before(async () => {
    shop = await openMedia({ http: true, runner: ['inline', 'split'] })
  })
  after(() => shop[Symbol.asyncDispose]())

  test('each format becomes six variants, upright, none wider than the image', async () => {
    const images = await acceptedImages()
    const uploaded = new Map<string, Image>()
    for (const [format, bytes] of Object.entries(images)) {
      const image = await shop.upload(bytes)
      assert.deepEqual([image.state, image.variants], ['stored', []], format)
      uploaded.set(format, image)
    }
    await shop.app.messagesSettled(20_000)
    const sizes: Record<string, readonly number[]> = {}
    for (const [format, { imageId }] of uploaded) {
      const image = await shop.anybody.image({ imageId })
      assert.equal(image.state, 'ready', format)
      assert.deepEqual(
        image.variants.map(({ name }) => name),
        variantNames,
      )
      sizes[format] = image.variants.map(({ width }) => width)
      for (const variant of image.variants) {
        const { bytes } = await shop.anybody.variant({ imageId, name: variant.name })
        const found = await sharp(bytes).metadata()
        const { width, height, format: decoded, exif } = found
        assert.deepEqual([width, height, exif], [variant.width, variant.height, undefined])
        assert.equal(`image/${decoded}`, variant.contentType)
        assert.equal(bytes.length, variant.sizeBytes)
        const ratio = Math.abs(variant.height / variant.width - image.height / image.width)
        assert.ok(ratio < 0.02, `${format} ${variant.name} is ${width}x${height}`)
      }
    }
    const both = (...widths: number[]) => widths.flatMap((width) => [width, width])
    assert.deepEqual(sizes, {
      // lying 1,600 wide, standing 1,000
      jpeg: both(160, 480, 1_000),
      png: both(160, 300, 300),
      webp: both(160, 480, 1_200),
      avif: both(160, 480, 640),
    })
  })

  test('nothing of what a camera wrote into an upload is stored', async () => {
    const { imageId } = await shop.upload(await telephoneJpeg())
    await shop.app.messagesSettled()
    const keys = await shop.stored(imageId)
    assert.equal(keys.length, 7)
    for (const key of keys) {
      const { exif, xmp, iptc, orientation } = await sharp(await shop.bytesOf(key)).metadata()
      assert.deepEqual([exif, xmp, iptc, orientation], [undefined, undefined, undefined, undefined])
    }
  })

  test('bombs, torn files and other formats are refused, and leave nothing', async () => {
    const before = (await shop.stored()).length
    const whole = await telephoneJpeg()
    const refusals: readonly [string, string, Uint8Array][] = [
      ...(await bombs()).map((bytes) => ['bomb', 'pixels', bytes] as const),
      ['half a JPEG', 'damaged', whole.subarray(0, whole.length / 2)],
      ['a head alone', 'damaged', whole.subarray(0, 20)],
      ['a PNG with a changed byte', 'damaged', await changedPng()],
      ['a GIF', 'format', await picture(50, 50).gif().toBuffer()],
      ['a TIFF', 'format', await picture(50, 50).tiff().toBuffer()],
      ['an SVG', 'format', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
      ['a page', 'format', Buffer.from('<!doctype html><script>alert(1)</script>')],
      ['a page that begins as a JPEG', 'damaged', Buffer.from('\xff\xd8\xff<html>', 'latin1')],
    ].map((row) => row as [string, string, Uint8Array])
    for (const [name, reason, bytes] of refusals) {
      const expected = { code: 'MEDIA_IMAGE_REFUSED', details: { reason } }
      await assert.rejects(shop.upload(bytes), expected, name)
    }
    const sizes = [new Uint8Array(0), new Uint8Array(uploadBytesMax + 1)]
    for (const bytes of sizes) {
      await assert.rejects(shop.upload(bytes), { code: 'CALL_INPUT_INVALID' })
    }
    await assert.rejects(shop.upload(whole, 'NO-SUCH'), { code: 'MEDIA_PRODUCT_MISSING' })
    assert.equal((await shop.stored()).length, before)
  })

  test('over HTTP a clerk uploads base64, and anybody is shown files', async () => {
    const bytes = (await picture(500, 300).png().toBuffer()).toString('base64')
    const headers = {
      'Content-Type': 'application/json',
      'Idempotency-Key': 'over-http',
      Authorization: `Bearer ${shop.app.tokenFor({ subject: 'clerk:anna', roles: ['clerk'] })}`,
    }
    const body = JSON.stringify({ sku: 'BOOT', alt: 'A boot', bytes })
    const post = { method: 'POST', headers, body }
    const answer = await fetch(`${shop.app.url}/media/images`, post)
    assert.equal(answer.status, 202)
    const { imageId } = (await answer.json()) as Image
    const again = await fetch(`${shop.app.url}/media/images`, post)
    assert.equal(((await again.json()) as Image).imageId, imageId)
    await shop.app.messagesSettled()
    const shown = await fetch(`${shop.app.url}/media/images/${imageId}/480.webp`)
    assert.deepEqual([shown.status, shown.headers.get('content-type')], [200, 'image/webp'])
    assert.equal((await sharp(await shown.arrayBuffer()).metadata()).width, 480)
    const etag = shown.headers.get('etag') ?? ''
    const same = await fetch(shown.url, { headers: { 'If-None-Match': etag } })
    assert.equal(same.status, 304)
    const other = await fetch(`${shop.app.url}/media/images/${imageId}/481.webp`)
    assert.equal(other.status, 400)
    const anonymous = { ...post, headers: { ...headers, Authorization: '' } }
    assert.notEqual((await fetch(`${shop.app.url}/media/images`, anonymous)).status, 202)
    const large = Buffer.alloc(uploadBytesMax).toString('base64')
    const most = { ...post, body: JSON.stringify({ sku: 'BOOT', alt: 'x', bytes: large }) }
    const tooPlain = await fetch(`${shop.app.url}/media/images`, {
      ...most,
      headers: { ...headers, 'Idempotency-Key': 'large' },
    })
    assert.equal(((await tooPlain.json()) as { code: string }).code, 'MEDIA_IMAGE_REFUSED')
  })

  test('a removed image is hidden at once, and its files go', async () => {
    const { imageId } = await shop.upload(await picture(300, 200).webp().toBuffer(), 'SHOE')
    await shop.app.messagesSettled()
    assert.equal((await shop.anybody.imagesOf({ sku: 'SHOE' })).images.length, 1)
    assert.equal((await shop.stored(imageId)).length, 7)
    await shop.clerk.remove({ imageId })
    await shop.clerk
      .remove({ imageId })
      .catch((error: unknown) => assert.ok(media.failures.imageMissing.is(error)))
    await assert.rejects(shop.anybody.image({ imageId }), { code: 'MEDIA_IMAGE_MISSING' })
    const variant = shop.anybody.variant({ imageId, name: '160.jpg' })
    await assert.rejects(variant, { code: 'MEDIA_VARIANT_MISSING' })
    assert.deepEqual((await shop.anybody.imagesOf({ sku: 'SHOE' })).images, [])
    await shop.app.messagesSettled()
    assert.deepEqual(await shop.stored(imageId), [])
    await assert.rejects(shop.clerk.remove({ imageId }), { code: 'MEDIA_IMAGE_MISSING' })
  })

  test('only clerks upload and remove', async () => {
    const customer = shop.app.as({ subject: 'ann', roles: ['customer'] }).of(media)
    const bytes = new Uint8Array(10)
    const request = { sku: 'BOOT', alt: 'x', bytes }
    await assert.rejects(customer.upload(request), { code: 'CALL_FORBIDDEN' })
    const imageId = shop.app.world.ids.next()
    await assert.rejects(customer.remove({ imageId }), { code: 'CALL_FORBIDDEN' })
  })
})

/** Its checksums no longer hold. */
async function changedPng(): Promise<Buffer> {
  const bytes = await picture(400, 300).png().toBuffer()
  const middle = Math.floor(bytes.length / 2)
  bytes[middle] = (bytes[middle] ?? 0) ^ 0xff
  return bytes
}
