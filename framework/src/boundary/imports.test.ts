import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importsOf, Source } from './index.ts'

test('imports are read in every form, in order, with what remains of them at run time', () => {
  const text = [
    "import a, { type B } from 'a'",
    "import type { C } from 'c'",
    "import 'd'",
    "export { e } from 'e'",
    "export type { F } from 'f'",
    "export * from 'g'",
    "const h = await import('h')",
    "let i: import('i').I",
    "const j = require('j')",
    'export const local = 1',
  ].join('\n')
  const found = importsOf(new Source('x.ts', text))
  assert.deepEqual(
    found.map(({ specifier, form, typeOnly }) => `${specifier} ${form}${typeOnly ? ' type' : ''}`),
    [
      ...['a import', 'c import type', 'd import', 'e export', 'f export type', 'g export'],
      ...['h dynamic', 'i type type', 'j require'],
    ],
  )
})

test('places are counted in characters, also behind letters of two bytes and emoji', () => {
  const source = new Source('x.ts', "// é 🌳\nimport 'a'; /* 🌳 */ import 'b'\n")
  const [, second] = importsOf(source)
  assert.deepEqual(source.placeAt(second?.start ?? 0), { line: 2, column: 29 })
})

test('the word import in a text is no import', () => {
  assert.deepEqual(importsOf(new Source('x.ts', "const text = `import('x') require('y')`")), [])
})
