import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModuleDatabase } from '../data/index.ts'
import { createWorld, Deadlines } from '../kernel/index.ts'
import { EnqueueBatch } from './enqueue-batch.ts'
import { messagesQueueFull } from './errors.ts'
import type { NewMessage } from './new-message.ts'
import { PlatformContexts } from './platform-context.ts'

test('when the database does not answer, callers wait up to a bound, and more are refused', async () => {
  const world = createWorld()
  const answers: (() => void)[] = []
  const silent = {
    runAll: () => new Promise<never[]>((resolve) => void answers.push(() => resolve([]))),
  } as Partial<ModuleDatabase> as ModuleDatabase
  const batch = new EnqueueBatch({
    database: silent,
    contexts: new PlatformContexts(world, new Deadlines(world.clock)),
    written: () => {},
    full: () => messagesQueueFull({ module: 'yard' }),
  })
  const message = { id: '', queue: '', payload: '', headers: '', version: 1 } as NewMessage
  let refused = 0
  let done = 0
  const waiting: Promise<unknown>[] = []
  for (let index = 0; index < 104_000; index++) {
    const added = batch.add(message).then(
      () => done++,
      (error: unknown) => {
        assert.ok(messagesQueueFull.is(error))
        refused++
      },
    )
    waiting.push(added)
    if (index === 3_000) await new Promise<void>((resolve) => void setImmediate(resolve))
  }
  await new Promise<void>((resolve) => void setImmediate(resolve))
  assert.ok(refused > 0 && refused < 4_000, `${refused} were refused`)
  while (answers.length > 0) {
    for (const answer of answers.splice(0)) answer()
    await new Promise<void>((resolve) => void setImmediate(resolve))
  }
  await Promise.all(waiting)
  assert.equal(done + refused, 104_000)
})
