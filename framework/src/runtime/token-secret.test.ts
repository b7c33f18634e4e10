import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { createSystemRandom } from '../kernel/index.ts'
import { developmentSecret } from './token-secret.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'banyan-secret-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const random = createSystemRandom()

test('a secret is made once, kept, and readable by its owner only', async () => {
  const state = path.join(folder, 'new', 'state')
  const first = await developmentSecret(state, random)
  assert.ok(first.length >= 64)
  assert.equal(await developmentSecret(state, random), first)
  assert.equal(statSync(path.join(state, 'token-secret')).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(state), ['token-secret'])
})

test('a secret that somebody put there is used as it is', async () => {
  writeFileSync(path.join(folder, 'token-secret'), 'a secret of our own, long enough for a key\n')
  assert.equal(
    await developmentSecret(folder, random),
    'a secret of our own, long enough for a key',
  )
})

test('many starts at once in one process agree on one secret', async () => {
  const secrets = await Promise.all(
    Array.from({ length: 50 }, () => developmentSecret(folder, random)),
  )
  assert.equal(new Set(secrets).size, 1)
  assert.deepEqual(readdirSync(folder), ['token-secret'])
})

test('two processes that start at once agree on one secret', async () => {
  const [kernel, own] = ['../kernel/index.ts', './token-secret.ts'].map(
    (file) => new URL(file, import.meta.url).href,
  )
  const script = `
    import { createSystemRandom } from ${JSON.stringify(kernel)}
    import { developmentSecret } from ${JSON.stringify(own)}
    process.stdin.once('data', async () => {
      process.stdout.write(await developmentSecret(${JSON.stringify(folder)}, createSystemRandom()))
      process.exit()
    })
    process.stderr.write('waiting')`
  const racers = [1, 2].map(() =>
    spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
      timeout: 20_000,
    }),
  )
  const secrets = racers.map(async ({ stdout }) => (await stdout.toArray()).join(''))
  await Promise.all(
    racers.map(({ stderr }) => new Promise((resolve) => stderr.once('data', resolve))),
  )
  for (const { stdin } of racers) stdin.write('go\n')
  const [one, two] = await Promise.all(secrets)
  assert.ok(one !== undefined && one.length >= 64)
  assert.equal(one, two)
})
