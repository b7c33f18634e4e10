import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ask,
  effectsOf,
  openYard,
  pause,
  rowsOf,
  statesOf,
  tell,
  until,
  wakeAll,
} from './yard.fixture.ts'

test('a delayed job begins when its time has come, by the database, and not before', async () => {
  const begun = new Map<string, number>()
  const deeds = {
    run: async (_: string, what: string) => void begun.set(what, performance.now()),
  }
  await using app = await openYard(deeds)
  const startMs = performance.now()
  await ask(app, { job: 'plain', what: 'late', delayMs: 400 }, { job: 'plain', what: 'now' })
  await until(() => begun.size === 2)
  assert.ok((begun.get('now') ?? 0) - startMs < 350, 'the one without a delay waited')
  assert.ok((begun.get('late') ?? 0) - startMs >= 400, 'the delayed one did not wait')
})

test('what is more urgent begins first, the older first among equals', async () => {
  const order: string[] = []
  const deeds = { run: async (_: string, what: string) => void order.push(what) }
  await using app = await openYard(deeds, { messageLimits: { concurrencyMax: 1 } })
  await rowsOf(app, "insert into yard.banyan_queue (queue, is_paused) values ('jobs.plain', true)")
  await rowsOf(app, wakeAll)
  await pause(300)
  const urgency = { low: -5, first: 0, second: 0, high: 5, higher: 50 }
  for (const [what, priority] of Object.entries(urgency)) {
    await ask(app, { job: 'plain', what, priority })
  }
  await rowsOf(app, 'update yard.banyan_queue set is_paused = false')
  await rowsOf(app, wakeAll)
  await until(() => order.length === 5)
  assert.deepEqual(order, ['higher', 'high', 'first', 'second', 'low'])
})

test('while a job waits under its unique text no other is added; once it runs, one is', async () => {
  let runs = 0
  const gate = Promise.withResolvers<void>()
  const deeds = {
    async run() {
      runs++
      if (runs === 1) await gate.promise
    },
  }
  await using app = await openYard(deeds)
  const same = { job: 'unique', what: 'same' }
  await ask(app, { ...same, delayMs: 300 }, same, same)
  await ask(app, same)
  await until(() => runs === 1)
  await ask(app, same)
  await until(() => runs === 2)
  gate.resolve()
  await app.messagesSettled()
  assert.equal(runs, 2)
})

test('a job that fails goes back beside another one under its unique text', async () => {
  const runs: string[] = []
  const deeds = {
    async run(_: string, _what: string, { message }: { message: { id: string; attempt: number } }) {
      runs.push(`${message.id}:${message.attempt}`)
      if (runs.length === 1) {
        await until(() => isOther)
        throw new Error('once more')
      }
    },
  }
  let isOther = false
  await using app = await openYard(deeds)
  const [first] = await ask(app, { job: 'unique', what: 'same' })
  await until(() => runs.length === 1)
  const [second] = await ask(app, { job: 'unique', what: 'same', delayMs: 300 })
  isOther = true
  await until(() => runs.length === 3)
  assert.deepEqual(new Set(runs), new Set([`${first}:1`, `${first}:2`, `${second}:1`]))
})

test('jobs with one key run one after the other; one that fails holds its key until it is parked', async () => {
  let running = 0
  const deeds = {
    async run(
      _: string,
      what: string,
      ctx: { effect(): Promise<void>; message: { attempt: number } },
    ) {
      assert.equal(++running, 1, 'two with one key ran at once')
      try {
        await pause(2)
        if (what === 'k2') throw new Error('never')
        if (what === 'k4' && ctx.message.attempt < 3) throw new Error('not yet')
        await ctx.effect()
      } finally {
        running--
      }
    },
  }
  await using app = await openYard(deeds)
  const asks = Array.from({ length: 8 }, (_, index) => ({
    ...{ job: 'keyed', key: 'k', what: `k${index}` },
  }))
  await ask(app, ...asks.slice(0, 5))
  for (const one of asks.slice(5)) await ask(app, one)
  await until(async () => (await effectsOf(app)).length === 7)
  const order = ['k0', 'k1', 'k3', 'k4', 'k5', 'k6', 'k7']
  assert.deepEqual(
    await effectsOf(app),
    order.map((what) => `keyed ${what}`),
  )
  assert.deepEqual(await statesOf(app), { k2: 5 })
})

test('a key that is held does not hold another one', async () => {
  const gate = Promise.withResolvers<void>()
  const done: string[] = []
  const deeds = {
    async run(_: string, what: string) {
      if (what === 'a0') await gate.promise
      done.push(what)
    },
  }
  await using app = await openYard(deeds, { messageLimits: { concurrencyMax: 4 } })
  const asks = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'b0', 'b1']
  await ask(app, ...asks.map((what) => ({ job: 'keyed', what, key: what.slice(0, 1) })))
  await until(() => done.length === 2)
  assert.deepEqual(done, ['b0', 'b1'])
  gate.resolve()
  await until(() => done.length === 8)
  assert.deepEqual(done.slice(2), ['a0', 'a1', 'a2', 'a3', 'a4', 'a5'])
})

test('events with one key are heard in order, with failures in the middle', async () => {
  const deeds = {
    async heard({ number }: { number: number }, attempt: number) {
      if (number === 3) throw new Error('never')
      if (number % 4 === 2 && attempt === 1) throw new Error('not yet')
    },
  }
  await using app = await openYard(deeds)
  for (let number = 0; number < 12; number += 2) {
    const things = ['x', 'y'].flatMap((thing) => [
      { thing, number },
      { thing, number: number + 1 },
    ])
    await tell(app, ...things)
  }
  await until(async () => (await rowsOf(app, 'select from hall.heard')).length === 22)
  for (const thing of ['x', 'y']) {
    const rows = await rowsOf(
      app,
      `select number from hall.heard where thing = '${thing}' order by position`,
    )
    assert.deepEqual(
      rows.map((row) => row['number']),
      [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11],
    )
  }
  const parked = await rowsOf(app, 'select key from hall.banyan_message where state = 5')
  assert.equal(parked.length, 2)
})
