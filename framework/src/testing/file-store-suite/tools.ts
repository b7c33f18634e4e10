import { createHash } from 'node:crypto'
import type { FilePutRequest, FileStore } from '../../files/index.ts'
import type { FileInfo } from '../../module/index.ts'
import type { FileStoreGiven } from './case.ts'

/** Bytes that no two seeds share, and that no compression shortens. */
export function bytesOf(seed: string, count: number): Buffer {
  const blocks: Buffer[] = []
  for (let block = 0; block * 32 < count; block++) {
    blocks.push(createHash('sha256').update(`${seed} ${block}`).digest())
  }
  return Buffer.concat(blocks).subarray(0, count)
}

export async function* partsOf(content: Buffer, partBytes: number): AsyncGenerator<Uint8Array> {
  for (let first = 0; first < content.length; first += partBytes) {
    yield content.subarray(first, first + partBytes)
  }
}

export function tagOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Stores text or bytes under a key of the case's folder. */
export function put(
  given: FileStoreGiven,
  name: string,
  content: string | FilePutRequest['content'],
): Promise<FileInfo> {
  return putWith(given, name, {
    content: typeof content === 'string' ? Buffer.from(content) : content,
  })
}

/** The same with options. */
export function putWith(
  given: FileStoreGiven,
  name: string,
  request: Partial<FilePutRequest> & Pick<FilePutRequest, 'content'>,
): Promise<FileInfo> {
  const key = `${given.folder}/${name}`
  const contentType = 'application/octet-stream'
  return given.store.put(given.lifetime, { contentType, ...request, key })
}

/** All bytes of a file of the case's folder. */
export async function read(
  given: FileStoreGiven,
  name: string,
  range?: { readonly first: number; readonly last?: number },
): Promise<Buffer> {
  const key = `${given.folder}/${name}`
  await using file = await given.store.get(given.lifetime, { key, range })
  return await file.bytes()
}

/** Every key below a prefix, page by page. */
export async function listAll(
  { store, lifetime }: Pick<FileStoreGiven, 'store' | 'lifetime'>,
  prefix: string,
  countMax: number,
): Promise<string[]> {
  const keys: string[] = []
  let after: string | undefined
  do {
    const page: Awaited<ReturnType<FileStore['list']>> = await store.list(lifetime, {
      prefix,
      after,
      countMax,
    })
    keys.push(...page.files.map(({ key }) => key))
    after = page.nextAfter
  } while (after !== undefined)
  return keys
}
