import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { createWorld } from '../kernel/index.ts'
import { assertKey } from './key.ts'
import { pathOfKey, tryParseName } from './key-path.ts'
import { createLocalFileStore } from './local-file-store.ts'

const lifetime = { signal: new AbortController().signal, deadlineMs: Number.POSITIVE_INFINITY }

/** Printable ASCII without slash and backslash. */
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter(
  (char) => char !== '/' && char !== '\\',
)
const segment = fc
  .string({ unit: fc.constantFrom(...printable), minLength: 1, maxLength: 80 })
  .filter((text) => text !== '.' && text !== '..')
const key = fc.array(segment, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'))
/** Few letters, so that keys share prefixes and folders. */
const alike = fc
  .array(
    fc.string({ unit: fc.constantFrom('a', 'A', '-', '+', '%'), minLength: 1, maxLength: 3 }),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((parts) => parts.join('/'))

test('every key has a path of its own below the folder, whose names lead back to it', () => {
  const seen = new Map<string, string>()
  fc.assert(
    fc.property(key, (text) => {
      if (text.length > 512) return
      assertKey(text)
      const file = pathOfKey('/folder', text)
      assert.ok(file.startsWith('/folder/') && file === path.normalize(file), file)
      // a file system that takes capitals for small letters must not take one key for another
      const known = seen.get(file.toLowerCase())
      assert.ok(known === undefined || known === text, `${known} and ${text}`)
      seen.set(file.toLowerCase(), text)
      const names = file.slice('/folder/'.length).split('/')
      assert.ok(names.every((name) => name.length <= 255))
      const parsed = names.map((name) => tryParseName(name))
      assert.equal(parsed.map((entry) => entry?.segment).join('/'), text)
      assert.deepEqual(
        parsed.map((entry) => entry?.isFolder),
        names.map((_, index) => index < names.length - 1),
      )
    }),
    { numRuns: 2_000 },
  )
})

test('a list is what sorting and filtering all keys gives, page by page', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(alike, { minLength: 1, maxLength: 12 }),
      fc.tuple(alike, fc.option(alike, { nil: undefined }), fc.integer({ min: 1, max: 5 })),
      async (keys, [prefixKey, after, countMax]) => {
        const folder = await mkdtemp(path.join(tmpdir(), 'banyan-keys-'))
        try {
          const store = createLocalFileStore({ folder, world: createWorld() })
          const content = Buffer.from('x')
          for (const one of keys) {
            await store.put(lifetime, { key: one, content, contentType: 'text/plain' })
          }
          for (const prefix of ['', prefixKey, prefixKey.slice(0, 1), `${prefixKey}/`]) {
            const expected = keys.filter((one) => one.startsWith(prefix) && one > (after ?? ''))
            const listed: string[] = []
            for (let start = after; ; ) {
              const page = await store.list(lifetime, { prefix, after: start, countMax })
              listed.push(...page.files.map((file) => file.key))
              start = page.nextAfter
              if (start === undefined) break
            }
            assert.deepEqual(listed, expected.sort())
          }
        } finally {
          await rm(folder, { recursive: true, force: true })
        }
      },
    ),
    { numRuns: 60 },
  )
})
