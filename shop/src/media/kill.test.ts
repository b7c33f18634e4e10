import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createLocalFileStore } from 'banyan/files'
import { createTokens } from 'banyan/identity'
import { createWorld } from 'banyan/kernel'
import { TestServer } from 'banyan/testing'
import { connectAsOwner } from '../../testing/owner-query.ts'
import { send } from '../../testing/shop-client.ts'
import { crashTestSecret, type ShopProcess, startShopProcess } from '../../testing/shop-process.ts'
import { openMedia, type TestMedia } from '../../testing/test-media.ts'
import { media } from './contract.ts'
import { picture } from './images.fixture.ts'

const world = createWorld()

/** Images, a process of the shop that dies at a fault point, and one that goes on. They share a database
 *  and a folder of files. */
class Scene implements AsyncDisposable {
  readonly shop: TestMedia
  readonly #folder: string
  readonly #server: TestServer
  readonly #stack: AsyncDisposableStack

  constructor(shop: TestMedia, folder: string, server: TestServer, stack: AsyncDisposableStack) {
    this.shop = shop
    this.#folder = folder
    this.#server = server
    this.#stack = stack
  }

  static async open(): Promise<Scene> {
    const stack = new AsyncDisposableStack()
    const folder = await mkdtemp(path.join(tmpdir(), 'banyan-killed-'))
    stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
    const files = createLocalFileStore({ folder: path.join(folder, 'files'), world })
    // it takes requests; only the processes that are killed work on messages
    const shop = stack.use(await openMedia({ runner: 'inline', messages: false, files }))
    const server = await TestServer.acquire()
    stack.defer(() => server.release())
    return new Scene(shop, folder, server, stack)
  }

  startVictim(faults: string): Promise<ShopProcess> {
    const databaseUrl = this.#server.urlOf(this.shop.app.server.database)
    const pspUrl = 'http://127.0.0.1:9'
    return startShopProcess({ databaseUrl, pspUrl, folder: this.#folder, faults })
  }

  async dies(faults: string): Promise<void> {
    await using victim = await this.startVictim(faults)
    const { signal } = await victim.exited
    assert.equal(signal, 'SIGKILL', `${faults} was not reached`)
  }

  /** What the dead process held is free when its lease has run out: now, not after some seconds. */
  async goOn(): Promise<void> {
    const { server } = this.shop.app
    await using owner = await connectAsOwner(server)
    await owner.query('update media.banyan_message set leased_until = now() where state = 2')
    await owner.query('update media.banyan_lease set expires_at = now()')
    const files = createLocalFileStore({ folder: path.join(this.#folder, 'files'), world })
    const shared = { runner: 'inline', database: server.database, files } as const
    await using survivor = await openMedia(shared)
    await survivor.app.messagesSettled(15_000)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

describe('images under SIGKILL', () => {
  let scene: Scene
  before(async () => {
    scene = await Scene.open()
  })
  after(() => scene[Symbol.asyncDispose]())

  test('a process killed while it resizes leaves what it finished, and another one does the rest', async () => {
    const { shop } = scene
    const bytes = await picture(1_300, 400).webp().toBuffer()
    // the master, and the files of one width or of two, of which one has its rows
    const storedAt = { 'media.resize.before': 3, 'media.resize.after': 5 }
    for (const [point, count] of Object.entries(storedAt)) {
      const { imageId } = await shop.upload(bytes)
      await scene.dies(`${point}=kill@2`)
      const torn = await shop.anybody.image({ imageId })
      assert.deepEqual([torn.state, torn.variants.length], ['stored', 2], point)
      assert.equal((await shop.stored(imageId)).length, count, point)
      const madeAtMs = await shop.storedAtMs(imageId, '160.webp')
      await scene.goOn()
      const whole = await shop.anybody.image({ imageId })
      assert.deepEqual([whole.state, whole.variants.length], ['ready', 6], point)
      assert.equal((await shop.stored(imageId)).length, 7)
      assert.equal(await shop.storedAtMs(imageId, '160.webp'), madeAtMs, 'it was made twice')
      for (const { name, sizeBytes } of whole.variants) {
        assert.equal((await shop.anybody.variant({ imageId, name })).bytes.length, sizeBytes)
      }
    }
  })

  test('a process killed while it takes an image in has taken it once when it is asked again', async () => {
    const { shop } = scene
    const image = await picture(300, 200).png().toBuffer()
    const { clock, ids } = world
    const tokens = createTokens({ clock, ids, secrets: [crashTestSecret], issuer: 'shop' })
    const token = tokens.issue({ subject: 'clerk:anna', roles: ['clerk'] }, 3_600_000)
    for (const point of ['media.upload.before', 'media.upload.after']) {
      await using victim = await scene.startVictim(`${point}=kill`)
      const body = { sku: 'SHOE', alt: 'A picture', bytes: image.toString('base64') }
      const reply = await send(victim.url, { path: '/media/images', token, key: point, body })
      assert.equal(reply.type, 'unknown')
      assert.equal((await victim.exited).signal, 'SIGKILL', point)
      const { imageId } = await shop.upload(image, 'SHOE', point)
      assert.equal((await shop.stored(imageId)).length, 1)
      assert.equal((await shop.upload(image, 'SHOE', point)).imageId, imageId)
    }
    assert.equal((await shop.anybody.imagesOf({ sku: 'SHOE' })).images.length, 2)
  })

  test('a process killed while it removes an image leaves nothing in the end', async () => {
    const { shop } = scene
    for (const point of ['media.discard.before', 'media.discard.after']) {
      const { imageId } = await shop.upload(await picture(300, 200).png().toBuffer())
      await shop.clerk.remove({ imageId })
      await scene.dies(`${point}=kill`)
      await scene.goOn()
      assert.deepEqual(await shop.stored(imageId), [])
      const again = shop.clerk.remove({ imageId })
      await assert.rejects(again, (error) => media.failures.imageMissing.is(error), point)
    }
  })
})
