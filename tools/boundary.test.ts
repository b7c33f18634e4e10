import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileTree } from '../framework/src/boundary/file-tree.fixture.ts'
import { checkLaw } from './boundary-check.ts'
import { unseenFiles } from './boundary-files.ts'
import { rules } from './boundary-rules.ts'
import { type Law, law } from './law.ts'

const testLaw: Law = { ...law, filesMin: 5 }
const manifest = JSON.stringify({ dependencies: { zod: '4', pg: '8', oxc: '1' } })

const clean: Readonly<Record<string, string>> = {
  'framework/package.json': manifest,
  'shop/package.json': JSON.stringify({ dependencies: { banyan: '*' } }),
  'framework/src/kernel/index.ts': "export { id } from './id.ts'\n",
  'framework/src/kernel/id.ts':
    "import { randomBytes } from 'node:crypto'\nexport const id = randomBytes\n",
  'framework/src/contract/index.ts':
    "import { z } from 'zod'\nexport { id } from '../kernel/index.ts'\n",
  'framework/src/data/index.ts': "export * from '../contract/index.ts'\n",
  'framework/src/engines/postgres/index.ts':
    "import pg from 'pg'\nimport { x } from '../../data/index.ts'\nconst engine = (name) => import(name)\n",
  'framework/src/testing/index.ts': "import { x } from '../data/index.ts'\n",
  'framework/src/data/data.test.ts':
    "import { x } from '../engines/postgres/index.ts'\nimport { y } from '../testing/index.ts'\nimport { s } from '../engines/postgres/port.suite.ts'\nimport { f } from '../engines/postgres/server.fixture.ts'\n",
  'framework/src/engines/postgres/server.fixture.ts': 'export const f = 1\n',
  'framework/src/engines/redis/cache/index.ts': 'export const c = 1\n',
  'framework/src/runtime/index.ts': "import { c } from '../engines/redis/cache/index.ts'\n",
  'framework/src/engines/postgres/port.suite.ts': 'export const s = 1\n',
  'shop/main.ts': "import { contract } from 'banyan/contract'\n",
  'tools/tool.ts': "import { id } from '../framework/src/kernel/index.ts'\n",
}

function breachesWith(planted: Readonly<Record<string, string>>, usedLaw: Law = testLaw): string[] {
  const files = { ...clean, ...planted }
  using tree = new FileTree(files)
  const { violations } = checkLaw(tree.root, Object.keys(files), usedLaw)
  return violations.map(({ code, file, line }) => `${code} ${file}:${line}`)
}

test('a lawful tree passes', () => {
  assert.deepEqual(breachesWith({}), [])
})

interface Planted {
  readonly rule: keyof typeof rules
  readonly title: string
  readonly file: string
  readonly text: string
  readonly line: number
  /** An empty file that must exist for the import to lead anywhere. */
  readonly beside?: string
}

const planted: readonly Planted[] = [
  {
    rule: 'roomUnknown',
    title: 'a room that has no floor is found',
    file: 'framework/src/utils/index.ts',
    text: 'export const u = 1\n',
    line: 1,
  },
  {
    rule: 'floorUpward',
    title: 'an import of a higher floor is found',
    file: 'framework/src/kernel/up.ts',
    text: "\nimport { x } from '../secrets/index.ts'\n",
    line: 2,
    beside: 'framework/src/secrets/index.ts',
  },
  {
    rule: 'floorUpward',
    title: 'a type-only import of a room of the same floor is found',
    file: 'framework/src/cache/index.ts',
    text: "\n\nexport type X = import('../data/index.ts').X\n",
    line: 3,
  },
  {
    rule: 'floorUpward',
    title: 'testing may not know the command line',
    file: 'framework/src/testing/run.ts',
    text: "import { main } from '../cli/index.ts'\n",
    line: 1,
    beside: 'framework/src/cli/index.ts',
  },
  {
    rule: 'doorBypassed',
    title: 'an import past the front door is found',
    file: 'framework/src/contract/deep.ts',
    text: "export { id } from '../kernel/id.ts'\n",
    line: 1,
  },
  {
    rule: 'doorBypassed',
    title: 'a test that imports past the front door is found',
    file: 'framework/src/contract/deep.test.ts',
    text: "import { id } from '../kernel/id.ts'\n",
    line: 1,
  },
  {
    rule: 'doorBypassed',
    title: 'a room that imports its own package by name is found',
    file: 'framework/src/contract/named.ts',
    text: "import { id } from 'banyan/kernel'\n",
    line: 1,
  },
  {
    rule: 'doorBypassed',
    title: 'a tool that imports past the front door is found',
    file: 'tools/deep.ts',
    text: "import { id } from '../framework/src/kernel/id.ts'\n",
    line: 1,
  },
  {
    rule: 'packageForeign',
    title: 'an engine client outside engines is found',
    file: 'framework/src/data/client.ts',
    text: "const pg = await import('pg')\n",
    line: 1,
  },
  {
    rule: 'doorBypassed',
    title: 'an import past the door of one part of an engine is found',
    file: 'framework/src/runtime/deep.ts',
    text: "import { c } from '../engines/redis/cache/entry.ts'\n",
    line: 1,
    beside: 'framework/src/engines/redis/cache/entry.ts',
  },
  {
    rule: 'packageForeign',
    title: 'a library in the room of fixtures, which ships, is found',
    file: 'framework/src/testing/fixture.ts',
    text: "import { z } from 'zod'\n",
    line: 1,
  },
  {
    rule: 'packageUndeclared',
    title: 'an undeclared package in a test is found',
    file: 'framework/src/data/other.test.ts',
    text: "import fc from 'fast-check'\n",
    line: 1,
  },
  {
    rule: 'packageUndeclared',
    title: 'an undeclared package is found',
    file: 'shop/zod.ts',
    text: "import { z } from 'zod'\n",
    line: 1,
  },
  {
    rule: 'nodeForbidden',
    title: 'I/O in the kernel is found',
    file: 'framework/src/kernel/read.ts',
    text: "import { readFile } from 'node:fs/promises'\n",
    line: 1,
  },
  {
    rule: 'outside',
    title: 'an import of the shop by the framework is found',
    file: 'framework/src/engines/postgres/shop.ts',
    text: "import { main } from '../../../../shop/main.ts'\n",
    line: 1,
  },
  {
    rule: 'outside',
    title: 'an application that reaches into the framework by path is found',
    file: 'shop/deep.ts',
    text: "import { id } from '../framework/src/kernel/index.ts'\n",
    line: 1,
  },
  {
    rule: 'testImported',
    title: 'production code that imports a fixture is found',
    file: 'framework/src/data/fixture.ts',
    text: "import { y } from '../testing/index.ts'\n",
    line: 1,
  },
  {
    rule: 'testImported',
    title: 'production code that imports a fixture file is found',
    file: 'framework/src/engines/postgres/fixed.ts',
    text: "import { f } from './server.fixture.ts'\n",
    line: 1,
  },
  {
    rule: 'computed',
    title: 'a computed import in a room that may not load is found',
    file: 'framework/src/data/load.ts',
    text: '\nexport const load = (path) => import(path)\n',
    line: 2,
  },
  {
    rule: 'cycleFiles',
    title: 'a file that imports itself through another is found',
    file: 'framework/src/kernel/id.ts',
    text: "import type { id } from './index.ts'\n",
    line: 1,
  },
]

for (const { rule, title, file, text, line, beside } of planted) {
  test(title, () => {
    assert.deepEqual(
      breachesWith({ ...(beside === undefined ? {} : { [beside]: '' }), [file]: text }),
      [`${rules[rule].code} ${file}:${line}`],
    )
  })
}

test('two rooms that know each other are found, even where the law allows both arrows', () => {
  const both: Law = {
    ...testLaw,
    rooms: {
      ...law.rooms,
      cache: { floor: 5, knows: ['data'] },
      data: { floor: 5, knows: ['cache'] },
    },
  }
  const found = breachesWith(
    {
      'framework/src/cache/index.ts': "import { a } from '../data/index.ts'\n",
      'framework/src/data/other.ts': "import { b } from '../cache/index.ts'\n",
    },
    both,
  )
  assert.deepEqual(found, [`${rules.cycleRooms.code} framework/src:1`])
})

test('a permission that nobody uses is found', () => {
  const found = breachesWith({
    'framework/src/call/index.ts': 'export const c = 1\n',
    'framework/src/telemetry/index.ts': 'export const t = 1\n',
  })
  assert.ok(found.includes(`${rules.allowanceUnused.code} tools/law.ts:1`))
})

test('a check that sees too few files fails', () => {
  const found = breachesWith({}, { ...law, filesMin: 100 })
  assert.deepEqual(found, [`${rules.filesUnseen.code} framework/src:1`])
})

test('a source file that git does not list is found', () => {
  using tree = new FileTree(clean)
  const listed = Object.keys(clean).filter((file) => !file.endsWith('id.ts'))
  assert.deepEqual(
    unseenFiles(tree.root, listed, testLaw).map(({ file }) => file),
    ['framework/src/kernel/id.ts'],
  )
})
