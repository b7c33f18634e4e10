import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { z } from 'zod'
import { command, contract, query } from '../contract/index.ts'
import { FakeClock } from '../kernel/index.ts'
import { application, module } from '../module/index.ts'
import { testApplication } from './index.ts'
import { createParityApplication } from './parity/application.fixture.ts'
import { front, store } from './parity/contracts.fixture.ts'

const counted = contract('counted', {
  operations: {
    add: command({ input: z.object({}), output: z.object({}), access: 'public' }),
    ask: query({ input: z.object({}), output: z.object({}), access: 'public' }),
  },
})

/** An application whose command has its effect outside any transaction. */
function createCounting() {
  const effects: string[] = []
  const counting = module(counted, {
    handlers: {
      add: () => {
        effects.push('added')
        return {}
      },
      ask: () => ({}),
    },
  })
  return { declared: application('counting', { modules: [counting] }), effects }
}

test('split-kill finds a command whose effect is outside its transaction', async () => {
  const { declared, effects } = createCounting()
  const kills = { every: 1, restMs: 0 }
  await using app = await testApplication(declared, { runner: 'split-kill', kills })
  for (let n = 0; n < 12; n++) await app.as().of(counted).add({})
  assert.ok(app.kills.some(({ moment }) => moment === 'answer'))
  assert.ok(effects.length > 12, `12 commands had ${effects.length} effects`)
})

test('an instance that dies is replaced by one with another name', async () => {
  const { declared } = createCounting()
  const kills = { every: 1, restMs: 0 }
  await using app = await testApplication(declared, { runner: 'split-kill', kills })
  for (let n = 0; n < 1_000 && app.kills.length < 5; n++) await app.as().of(counted).ask({})
  const names = app.kills.map(({ instance }) => instance)
  assert.equal(new Set(names).size, names.length)
  assert.ok(names.length >= 5)
})

test('under split nobody dies, and the edge hosts nothing', async () => {
  const { declared, effects } = createCounting()
  await using app = await testApplication(declared, { runner: 'split' })
  for (let n = 0; n < 20; n++) await app.as().of(counted).add({})
  assert.equal(effects.length, 20)
  assert.deepEqual(app.kills, [])
  assert.equal(app.instance.calls.bindings.size, 0)
})

test('the given groups of modules are the services', async () => {
  const { application: declared } = createParityApplication()
  const services = [['front', 'middle', 'store'], ['stranger']]
  await using app = await testApplication(declared, { runner: 'split', services })
  await app.as().of(front).see({ label: 'x' })
  const text = app.instance.calls.telemetry.metrics.text()
  assert.match(text, /service="service-1-front-middle-store"/)
  assert.doesNotMatch(text, /service="service-\d-store"/)
})

test('time is what a fake clock says, and the road keeps its own', async () => {
  const clock = new FakeClock(1_800_000_000_000)
  const { application: declared } = createParityApplication()
  await using app = await testApplication(declared, { runner: 'split', clock })
  const first = await app.as().of(front).write({ label: 'then' })
  assert.equal(first.at.getTime(), 1_800_000_000_000)
  await clock.advance(120_000)
  const second = await app.as().of(front).write({ label: 'later' })
  assert.equal(second.at.getTime(), 1_800_000_120_000)
  const waited = app.as().of(store).waitLong({ label: 'x', waitMs: 90_000 })
  const refused = assert.rejects(waited, { code: 'CALL_DEADLINE_EXCEEDED' })
  await clock.advance(60_100)
  await refused
})

test('a module that is placed nowhere is refused before anything starts', async () => {
  const { application: declared } = createParityApplication()
  const opened = testApplication(declared, { runner: 'split', services: [['front']] })
  await assert.rejects(opened, /the module store is in 0 services/)
})

test('a split application leaves no folder behind', async () => {
  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('banyan-split-'))
  const before = new Set(folders())
  const app = await testApplication(createCounting().declared, { runner: 'split' })
  const own = folders().filter((name) => !before.has(name))
  assert.ok(own.length > 0)
  await app[Symbol.asyncDispose]()
  const left = new Set(folders())
  assert.ok(own.some((name) => !left.has(name)))
})
