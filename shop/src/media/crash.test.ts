import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { kernelFaultInjected } from 'banyan/kernel'
import { media, variantNames } from './contract.ts'
import { mediaFaultPoints } from './fault-points.ts'
import { picture } from './images.fixture.ts'
import { openMedia, type TestMedia } from '../../testing/test-media.ts'

/** Waits for what messages do after a pause. */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 10_000
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error('it did not become true')
    await new Promise<void>((resolve) => void setTimeout(resolve, 20))
  }
}

const isReady = async (shop: TestMedia, imageId: string): Promise<boolean> =>
  (await shop.anybody.image({ imageId })).state === 'ready'

const isGone = async (shop: TestMedia, imageId: string): Promise<boolean> =>
  (await shop.stored(imageId)).length === 0

describe('a crash at any boundary between rows and files', () => {
  let shop: TestMedia
  before(async () => {
    shop = await openMedia({ runner: ['inline'] })
  })
  after(() => shop[Symbol.asyncDispose]())

  test('a resize that dies between two widths goes on where it was', async () => {
    const { faults } = shop.app.world
    const bytes = await picture(1_300, 400).webp().toBuffer()
    for (const point of ['media.resize.before', 'media.resize.after'] as const) {
      faults.arm(point, 'fail', 2)
      const { imageId } = await shop.upload(bytes)
      await until(async () => (await shop.anybody.image({ imageId })).variants.length === 2)
      const first = await shop.anybody.image({ imageId })
      assert.deepEqual([first.state, first.variants[0]?.name], ['stored', '160.webp'], point)
      const madeAtMs = await shop.storedAtMs(imageId, '160.webp')
      await until(() => isReady(shop, imageId))
      const { variants } = await shop.anybody.image({ imageId })
      assert.deepEqual(
        variants.map(({ name }) => name),
        variantNames,
      )
      assert.equal((await shop.stored(imageId)).length, 7)
      assert.equal(await shop.storedAtMs(imageId, '160.webp'), madeAtMs, 'it was made twice')
      assert.ok((await shop.storedAtMs(imageId, '1200.jpg')) > madeAtMs)
    }
  })

  test('an upload that dies is completed by the same request, once', async () => {
    const { faults } = shop.app.world
    const bytes = await picture(200, 200).png().toBuffer()
    for (const point of ['media.upload.before', 'media.upload.after'] as const) {
      faults.arm(point, 'fail')
      const upload = () => shop.upload(bytes, 'SHOE', point)
      await assert.rejects(upload(), kernelFaultInjected.is)
      assert.equal((await shop.anybody.imagesOf({ sku: 'SHOE' })).images.length, 0)
      const { imageId } = await upload()
      assert.equal((await upload()).imageId, imageId)
      await until(() => isReady(shop, imageId))
      assert.equal((await shop.stored(imageId)).length, 7)
      await shop.clerk.remove({ imageId })
      await until(() => isGone(shop, imageId))
      // the answer is on record; the file does not come back
      assert.equal((await upload()).imageId, imageId)
      assert.deepEqual(await shop.stored(imageId), [])
    }
  })

  test('a removal that dies is completed', async () => {
    const bytes = await picture(200, 200).png().toBuffer()
    for (const point of ['media.discard.before', 'media.discard.after'] as const) {
      const { imageId } = await shop.upload(bytes)
      await until(() => isReady(shop, imageId))
      shop.app.world.faults.arm(point, 'fail')
      await shop.clerk.remove({ imageId })
      await until(async () => {
        if (!(await isGone(shop, imageId))) return false
        const [error] = await Promise.allSettled([shop.clerk.remove({ imageId })])
        return error?.status === 'rejected'
      })
    }
  })

  test('an image that is removed while it is resized leaves nothing', async () => {
    const { faults } = shop.app.world
    const { imageId } = await shop.upload(await picture(1_300, 400).webp().toBuffer())
    faults.arm('media.resize.after', 'fail', 1)
    await shop.clerk.remove({ imageId })
    await until(async () => {
      const stored = await shop.stored(imageId)
      const [error] = await Promise.allSettled([shop.clerk.remove({ imageId })])
      return stored.length === 0 && error?.status === 'rejected'
    })
    await shop.app.messagesSettled()
    assert.deepEqual(await shop.stored(imageId), [])
  })

  test('every fault point of the module is passed by an upload and a removal', async () => {
    const { faults } = shop.app.world
    faults.recording = true
    const { imageId } = await shop.upload(await picture(200, 200).png().toBuffer())
    await until(() => isReady(shop, imageId))
    await shop.clerk.remove({ imageId })
    await until(() => isGone(shop, imageId))
    await shop.app.messagesSettled()
    const missed = mediaFaultPoints.filter((point) => !faults.reached.has(point))
    assert.deepEqual(missed, [])
  })
})

test('an upload that dies and is never repeated is forgotten', async () => {
  await using shop = await openMedia({ runner: ['inline'], config: { media: { abandonMs: 50 } } })
  shop.app.world.faults.arm('media.upload.after', 'fail')
  await assert.rejects(shop.upload(await picture(200, 200).png().toBuffer(), 'BOOT', 'dead'))
  await until(async () => (await shop.stored()).length === 0)
  const again = shop.upload(await picture(200, 200).png().toBuffer(), 'BOOT', 'dead')
  await assert.rejects(again, (error) => media.failures.imageMissing.is(error))
  assert.deepEqual(await shop.stored(), [])
})
