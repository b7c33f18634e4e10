import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { command, contract } from '../contract/index.ts'
import { createSeededRandom, createWorld, FakeClock } from '../kernel/index.ts'
import { application, module } from '../module/index.ts'
import { secret } from '../schema/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { compileCalls, createExternalCaller } from './index.ts'

const cards = contract('cards', {
  operations: {
    add: command({
      input: z.object({ holder: z.string(), cardNumber: secret(z.string()).min(4) }),
      output: z.object({}),
      access: 'public',
    }),
  },
})

test('fields that a contract or settings mark as secret never reach the log', async () => {
  const clock = new FakeClock()
  const world = createWorld({ clock, random: createSeededRandom(1) })
  const sink = createMemorySink()
  const telemetry = createTelemetry({ clock, random: world.random, service: 'test', sink })
  const cardsModule = module(cards, {
    config: z.object({ vaultKey: secret(z.string()) }),
    handlers: {
      add: (input, ctx) => {
        ctx.log.info({ input, config: ctx.config, cardNumber: input.cardNumber }, 'added')
        return {}
      },
    },
  })
  const calls = compileCalls(application('test', { modules: [cardsModule] }), {
    ...{ world, telemetry, configOf: () => ({ vaultKey: 'hunter2' }) },
    storageOf: () => undefined,
  })
  await createExternalCaller(calls).of(cards).add({ holder: 'Ann', cardNumber: '4111-1111' })
  await telemetry.logs.flush()
  const text = sink.lines.join('\n')
  assert.match(text, /Ann/)
  assert.doesNotMatch(text, /4111|hunter2/)
})
