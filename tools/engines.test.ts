import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FileTree } from '../framework/src/boundary/file-tree.fixture.ts'
import { requireEngine } from './engine-presence.ts'
import type { EngineRow } from './engine-table.ts'
import { engineStates, installInstructions } from './engines.ts'

const row: EngineRow = {
  name: 'broker',
  binary: 'banyan-test-broker',
  debian: 'broker-server',
  homebrew: 'broker',
  docker: 'broker:3',
  neededBy: 'the conformance of brokers',
}

test('a test whose engine is missing is skipped with the reason and the command', () => {
  const options = { table: [row], path: '/nowhere', required: false }
  assert.deepEqual(requireEngine('broker', options), {
    skip: 'broker is not installed: npm run engines',
  })
})

test('where engines are required, a missing one fails instead of skipping', () => {
  const options = { table: [row], path: '/nowhere', required: true }
  assert.throws(() => requireEngine('broker', options), /broker is not installed/)
})

test('an engine that is in no table cannot be asked for', () => {
  assert.throws(() => requireEngine('brokr', { table: [row] }), /"brokr" is not in/)
})

test('an executable on the path is found; a file that is not executable is not', () => {
  using tree = new FileTree({ 'banyan-test-broker': '#!/bin/sh\n' })
  const binary = join(tree.root, 'banyan-test-broker')
  chmodSync(binary, 0o644)
  assert.equal(engineStates([row], tree.root)[0]?.found, false)
  chmodSync(binary, 0o755)
  assert.equal(engineStates([row], tree.root)[0]?.path, binary)
  assert.deepEqual(requireEngine('broker', { table: [row], path: tree.root, required: true }), {})
})

test('instructions name the package of each system', () => {
  const text = installInstructions([row])
  for (const part of [
    'sudo apt-get install -y',
    'broker-server',
    'brew install broker',
    'broker:3',
  ]) {
    assert.ok(text.includes(part), part)
  }
})
