import { assertKey, collectContent, filesNotFound, type FileStore } from '../../files/index.ts'
import type { StoredFile } from '../../module/index.ts'

/** A store that breaks one promise, and the begin of the title of a case that must notice. */
export interface FaultyStore {
  readonly noticedBy: string
  wrap(store: FileStore): Partial<FileStore>
}

const rest = async (file: StoredFile): Promise<Buffer> => {
  await using opened = file
  return await opened.bytes()
}

const withBytes = (file: StoredFile, bytes: Buffer): StoredFile => ({
  ...file,
  content: (async function* () {
    yield bytes
  })(),
  bytes: () => Promise.resolve(bytes),
  [Symbol.asyncDispose]: () => Promise.resolve(),
})

/** Planted violations, one per promise that a careless store breaks. */
export const faultyStores: Readonly<Record<string, FaultyStore>> = {
  'loses the content type': {
    noticedBy: 'bytes are read as they were stored',
    wrap: (store) => ({
      put: (lifetime, request) =>
        store.put(lifetime, { ...request, contentType: 'application/octet-stream' }),
    }),
  },
  'loses the last part': {
    noticedBy: 'a content that comes in parts',
    wrap: (store) => ({
      async put(lifetime, request) {
        const { content } = request
        if (content instanceof Uint8Array) return store.put(lifetime, request)
        const parts: Uint8Array[] = []
        for await (const part of content) parts.push(part)
        return store.put(lifetime, { ...request, content: Buffer.concat(parts.slice(0, -1)) })
      },
    }),
  },
  'takes the end of a range for excluded': {
    noticedBy: 'a range is read alone',
    wrap: (store) => ({
      get: (lifetime, { key, range }) =>
        range?.last === undefined || range.last === range.first
          ? store.get(lifetime, { key, range })
          : store.get(lifetime, { key, range: { ...range, last: range.last - 1 } }),
    }),
  },
  'answers what is missing with nothing': {
    noticedBy: 'a file that is not there is told',
    wrap: (store) => ({
      async head(lifetime, key) {
        try {
          return await store.head(lifetime, key)
        } catch (error) {
          if (!filesNotFound.is(error)) throw error
          return { key, sizeBytes: 0, contentType: 'text/plain', etag: '', storedAtMs: 0 }
        }
      },
    }),
  },
  'does not compare the checksum': {
    noticedBy: 'a byte that changed on the disk',
    wrap: (store) => ({
      async get(lifetime, request) {
        const file = await store.get(lifetime, request)
        const { sizeBytes } = file.info
        if (request.range !== undefined || sizeBytes === 0) return file
        await file[Symbol.asyncDispose]()
        const range = { first: 0, last: sizeBytes - 2 }
        if (sizeBytes < 2) return store.get(lifetime, request)
        const most = await rest(await store.get(lifetime, { key: request.key, range }))
        const last = { key: request.key, range: { first: sizeBytes - 1 } }
        const end = await rest(await store.get(lifetime, last))
        return withBytes(file, Buffer.concat([most, end]))
      },
    }),
  },
  'can be closed only once': {
    noticedBy: 'an opened file need not be read',
    wrap: (store) => ({
      async get(lifetime, request) {
        const file = await store.get(lifetime, request)
        let isClosed = false
        const close = async (): Promise<void> => {
          if (isClosed) throw new Error('it is closed')
          isClosed = true
          await file[Symbol.asyncDispose]()
        }
        return { ...file, [Symbol.asyncDispose]: close }
      },
    }),
  },
  'removes the folder with the file': {
    noticedBy: 'files that come and go',
    wrap: (store) => ({
      async delete(lifetime, key) {
        const prefix = key.slice(0, key.lastIndexOf('/') + 1)
        const { files } = await store.list(lifetime, { prefix })
        for (const file of files) await store.delete(lifetime, file.key)
      },
    }),
  },
  'takes capitals for small letters': {
    noticedBy: 'every allowed key is a file of its own',
    wrap: (store) => ({
      put: (lifetime, request) =>
        store.put(lifetime, { ...request, key: request.key.toLowerCase() }),
      get: (lifetime, request) =>
        store.get(lifetime, { ...request, key: request.key.toLowerCase() }),
    }),
  },
  'follows a path upwards': {
    noticedBy: 'a key that leads elsewhere',
    wrap: (store) => ({
      get: (lifetime, request) =>
        store.get(lifetime, { ...request, key: request.key.replaceAll('../', 'up/') }),
    }),
  },
  'cuts what is too large': {
    noticedBy: 'a content above its bound',
    wrap: (store) => ({
      async put(lifetime, request) {
        const { key, content, sizeBytesMax = 1_000_000 } = request
        const { signal } = lifetime
        const all = await collectContent({ key, content, sizeBytesMax: 1e9, signal })
        return store.put(lifetime, { ...request, content: all.subarray(0, sizeBytesMax) })
      },
    }),
  },
  'takes any content type': {
    noticedBy: 'options outside their range',
    wrap: (store) => ({
      put: (lifetime, request) => store.put(lifetime, { ...request, contentType: 'text/plain' }),
    }),
  },
  'stores what a broken source gave': {
    noticedBy: 'a source that fails',
    wrap: (store) => ({
      async put(lifetime, request) {
        const { content } = request
        if (content instanceof Uint8Array) return store.put(lifetime, request)
        const parts: Uint8Array[] = []
        try {
          for await (const part of content) parts.push(part)
        } catch {
          return store.put(lifetime, { ...request, content: Buffer.concat(parts) })
        }
        return store.put(lifetime, { ...request, content: Buffer.concat(parts) })
      },
    }),
  },
  'goes on when nobody waits': {
    noticedBy: 'what is no longer wanted',
    wrap: (store) => ({
      list: (lifetime, request) =>
        store.list({ ...lifetime, signal: new AbortController().signal }, request),
    }),
  },
  'keeps the old file': {
    noticedBy: 'a file takes the place of another',
    wrap: (store) => ({
      async put(lifetime, request) {
        const known = await store.head(lifetime, request.key).catch(() => undefined)
        return known ?? store.put(lifetime, request)
      },
    }),
  },
  'looks before it writes': {
    noticedBy: 'with ifAbsent one of several',
    wrap: (store) => ({
      async put(lifetime, request) {
        if (request.ifAbsent !== true) return store.put(lifetime, request)
        const known = await store.head(lifetime, request.key).catch(() => undefined)
        return store.put(lifetime, { ...request, ifAbsent: known !== undefined })
      },
    }),
  },
  'deletes before it writes': {
    noticedBy: 'a reader beside writers',
    wrap: (store) => ({
      async put(lifetime, request) {
        assertKey(request.key)
        if (request.ifAbsent !== true) await store.delete(lifetime, request.key)
        return store.put(lifetime, request)
      },
    }),
  },
  'skips a file between two pages': {
    noticedBy: 'pages of any size',
    wrap: (store) => ({
      async list(lifetime, request) {
        const page = await store.list(lifetime, request)
        return { ...page, files: page.files.slice(0, page.nextAfter === undefined ? 1_000 : -1) }
      },
    }),
  },
  'lists backwards': {
    noticedBy: 'pages of any size',
    wrap: (store) => ({
      async list(lifetime, request) {
        const page = await store.list(lifetime, request)
        return { ...page, files: page.files.toReversed() }
      },
    }),
  },
  'lists whole folders only': {
    noticedBy: 'a prefix may end anywhere',
    wrap: (store) => ({
      list: (lifetime, request) =>
        store.list(lifetime, {
          ...request,
          prefix: request.prefix.slice(0, request.prefix.lastIndexOf('/') + 1),
        }),
    }),
  },
  'lists sizes of its own': {
    noticedBy: 'a list says how large',
    wrap: (store) => ({
      async list(lifetime, request) {
        const page = await store.list(lifetime, request)
        return { ...page, files: page.files.map((file) => ({ ...file, sizeBytes: 512 })) }
      },
    }),
  },
  'only says that it deleted': {
    noticedBy: 'a list says how large',
    wrap: () => ({ delete: () => Promise.resolve() }),
  },
}
