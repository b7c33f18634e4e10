import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createLocalFileStore, type FileLifetime, type FileStore } from 'banyan/files'
import { createWorld } from 'banyan/kernel'
import { application } from 'banyan/module'
import { type TestApplication, type TestApplicationOptions, testApplication } from 'banyan/testing'
import { productOf } from './test-shop.ts'
import { catalog } from '../src/catalog/contract.ts'
import { catalogModule } from '../src/catalog/module.ts'
import { type Image, media, type VariantName } from '../src/media/contract.ts'
import { mediaModule } from '../src/media/module.ts'

/** The two modules alone: a test of pictures needs no orders. */
const pictures = application('pictures', {
  modules: [catalogModule, mediaModule],
  roles: ['customer', 'clerk'],
})

const endless: FileLifetime = {
  signal: new AbortController().signal,
  deadlineMs: Number.POSITIVE_INFINITY,
}

/** A catalogue with the products BOOT and SHOE, its images, and where these are stored. */
export class TestMedia implements AsyncDisposable {
  readonly app: TestApplication
  readonly #files: FileStore
  readonly #stack: AsyncDisposableStack
  #uploads = 0

  constructor(app: TestApplication, files: FileStore, stack: AsyncDisposableStack) {
    this.app = app
    this.#files = files
    this.#stack = stack
  }

  get clerk() {
    return this.app.as({ subject: 'clerk:anna', roles: ['clerk'] }).of(media)
  }

  get anybody() {
    return this.app.as().of(media)
  }

  upload(source: Uint8Array, sku: string = 'BOOT', key?: string): Promise<Image> {
    const bytes = new Uint8Array(source)
    const idempotencyKey = key ?? `upload-${this.#uploads++}`
    return this.clerk.upload({ sku, alt: 'A picture', bytes }, { idempotencyKey })
  }

  /** Keys of what is stored, of one image or of all. */
  async stored(imageId?: string): Promise<string[]> {
    const prefix = imageId === undefined ? 'media/' : `media/images/${imageId}/`
    const page = await this.#files.list(endless, { prefix, countMax: 1_000 })
    return page.files.map(({ key }) => key)
  }

  async storedAtMs(imageId: string, name: VariantName): Promise<number> {
    return (await this.#files.head(endless, `media/images/${imageId}/${name}`)).storedAtMs
  }

  async bytesOf(key: string): Promise<Buffer> {
    await using file = await this.#files.get(endless, { key })
    return await file.bytes()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

/** Opens it; messages are worked on unless told otherwise. */
export async function openMedia(options: TestApplicationOptions = {}): Promise<TestMedia> {
  const stack = new AsyncDisposableStack()
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'banyan-media-'))
    stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
    const files = options.files ?? createLocalFileStore({ folder, world: createWorld() })
    const app = stack.use(await testApplication(pictures, { messages: true, ...options, files }))
    if (options.database === undefined) await addProducts(app)
    return new TestMedia(app, files, stack)
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

async function addProducts(app: TestApplication): Promise<void> {
  const clerk = app.as({ subject: 'clerk:anna', roles: ['clerk'] }).of(catalog)
  await clerk.addCategory({ path: 'test', name: 'Test' })
  for (const sku of ['BOOT', 'SHOE']) await clerk.addProduct(productOf(sku, 1_995n))
}
