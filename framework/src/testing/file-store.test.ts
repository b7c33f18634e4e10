import assert from 'node:assert/strict'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createLocalFileStore, type FileStore } from '../files/index.ts'
import { createWorld } from '../kernel/index.ts'
import { fileStoreCases } from './file-store.suite.ts'
import { faultyStores } from './file-store-suite/faulty-store.fixture.ts'

const lifetime = { signal: new AbortController().signal, deadlineMs: Number.POSITIVE_INFINITY }

describe('the suite of stores of files', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'banyan-faulty-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  /** Plain names only: the one case that damages a file uses no other. */
  async function damage(root: string, key: string): Promise<void> {
    const names = key.split('/')
    const file = names.pop() ?? ''
    await using handle = await open(
      path.join(root, 'keys', ...names.map((name) => `${name}+`), file),
      'r+',
    )
    await handle.write(Buffer.from('?'), 0, 1, 10)
  }

  for (const [index, [fault, { noticedBy, wrap }]] of Object.entries(faultyStores).entries()) {
    test(`a store that ${fault} does not pass`, async () => {
      const root = path.join(folder, `${index}`)
      const sound = createLocalFileStore({ folder: root, world: createWorld() })
      const found = fileStoreCases.filter(({ title }) => title.startsWith(noticedBy))
      const [judge] = found
      assert.ok(judge !== undefined && found.length === 1, noticedBy)
      const given = { lifetime, damage: (key: string) => damage(root, key) }
      await judge.run({ ...given, store: sound, folder: 'sound' })
      const store: FileStore = { ...delegate(sound), ...wrap(sound) }
      await assert.rejects(judge.run({ ...given, store, folder: 'faulty' }))
    })
  }

  test('every case of the suite has noticed a fault', () => {
    const judges = Object.values(faultyStores).map(({ noticedBy }) => noticedBy)
    const idle = fileStoreCases
      .map(({ title }) => title)
      .filter((title) => !judges.some((begin) => title.startsWith(begin)))
    assert.deepEqual(idle, [])
  })
})

function delegate(store: FileStore): FileStore {
  return {
    label: store.label,
    put: (lifetime, request) => store.put(lifetime, request),
    get: (lifetime, request) => store.get(lifetime, request),
    head: (lifetime, key) => store.head(lifetime, key),
    delete: (lifetime, key) => store.delete(lifetime, key),
    list: (lifetime, request) => store.list(lifetime, request),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
