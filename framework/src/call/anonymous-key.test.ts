import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { command, contract } from '../contract/index.ts'
import { application, module } from '../module/index.ts'
import { createWorld } from '../kernel/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { callKeyGuessable, compileCalls, createExternalCaller } from './index.ts'

const desk = contract('desk', {
  operations: {
    open: command({ input: z.object({}), output: z.object({ ok: z.boolean() }), access: 'public' }),
  },
})
const app = application('desk', {
  modules: [module(desk, { handlers: { open: () => ({ ok: true }) } })],
})

test('an anonymous caller cannot use a key that another one would guess', async () => {
  const world = createWorld()
  const { clock, random } = world
  const telemetry = createTelemetry({ clock, random, service: 'desk', sink: createMemorySink() })
  const calls = compileCalls(app, {
    world,
    telemetry,
    configOf: () => ({}),
    storageOf: () => undefined,
  })
  const open = createExternalCaller(calls).of(desk).open
  await assert.rejects(open({}, { idempotencyKey: '1' }), callKeyGuessable.is)
  assert.deepEqual(await open({}, { idempotencyKey: world.ids.next() }), { ok: true })
  const known = createExternalCaller(calls, { principal: { subject: 'ann', roles: [] } })
  assert.deepEqual(await known.of(desk).open({}, { idempotencyKey: '1' }), { ok: true })
})
