import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Files } from '../module/index.ts'
import { front, createFixture, store } from './calls.fixture.ts'
import { callFilesMissing } from './errors.ts'
import { createExternalCaller } from './index.ts'

test('a handler sees the files of its own module, in its own context, made once', async () => {
  const seen: string[] = []
  const made: unknown[] = []
  const fixture = createFixture({
    filesOf(module, context) {
      seen.push(`${module.contract.name} until ${context.deadlineMs}`)
      const files = {} as Files
      made.push(files)
      return files
    },
    handlers: {
      act(_input, ctx) {
        assert.equal(ctx.files, ctx.files)
        assert.ok(made.includes(ctx.files))
        return {}
      },
      frontAct: async (_input, ctx) => {
        assert.equal(ctx.files, made[0])
        return ctx.call.store.act({})
      },
    },
  })
  await fixture.settle(createExternalCaller(fixture.calls).of(front).act({}))
  assert.deepEqual(seen, ['front until 1000', 'store until 200'])
})

test('without a store of files a module is told so when it asks', async () => {
  const fixture = createFixture({
    handlers: {
      read(_input, ctx) {
        assert.throws(() => ctx.files, callFilesMissing.is)
        return { value: 'told' }
      },
    },
  })
  const answer = await fixture.settle(createExternalCaller(fixture.calls).of(store).read({}))
  assert.deepEqual(answer, { value: 'told' })
})
