import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import * as boot from './boot-errors.ts'
import * as run from './errors.ts'

test('every code of the room is asserted in some test', async () => {
  const folder = new URL('./', import.meta.url)
  const tests = (await readdir(folder)).filter((file) => file.endsWith('.test.ts'))
  const texts = await Promise.all(tests.map((file) => readFile(new URL(file, folder), 'utf8')))
  const all = texts.join('\n')
  const definitions = Object.values({ ...boot, ...run }).filter((item) => 'code' in item)
  const missing = definitions.map(({ code }) => code).filter((code) => !all.includes(`'${code}'`))
  assert.deepEqual(missing, [])
  assert.ok(definitions.length > 25)
})
