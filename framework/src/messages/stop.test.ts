import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, openYard, pause, rowsOf, until } from './yard.fixture.ts'

/** Stops the messages of an instance. @returns how long it took */
async function stopMessages(
  app: Awaited<ReturnType<typeof openYard>>,
  deadlineMs: number,
): Promise<number> {
  const startMs = performance.now()
  await app.instance.messages?.stop(deadlineMs)
  return performance.now() - startMs
}

test('a worker that stops ends what runs, and gives back what did not begin', async () => {
  const done: string[] = []
  let begun = 0
  const deeds = {
    async run(_: string, what: string) {
      begun++
      await pause(200)
      done.push(what)
    },
  }
  await using app = await openYard(deeds, { messageLimits: { concurrencyMax: 2 } })
  await ask(app, ...['a', 'b', 'c', 'd'].map((what) => ({ job: 'plain', what })))
  await until(() => begun === 2)
  const ms = await stopMessages(app, 5_000)
  assert.ok(ms < 2_000, `it took ${ms} ms`)
  assert.deepEqual(done, ['a', 'b'])
  const rows = await rowsOf(app, 'select state, attempts, deaths from yard.banyan_message')
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { state: 0, attempts: 0, deaths: 0 },
      { state: 0, attempts: 0, deaths: 0 },
    ],
  )
})

test('it ends within its deadline though a run ignores its signal, and that run cannot commit', async () => {
  const gate = Promise.withResolvers<void>()
  let begun = 0
  const ends: string[] = []
  const signals: string[] = []
  const deeds = {
    async run(
      _: string,
      what: string,
      ctx: { signal: AbortSignal; effect(): Promise<void> },
    ): Promise<void> {
      begun++
      if (what === 'polite') {
        await new Promise((_resolve, reject) => {
          ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error))
        })
      }
      ctx.signal.addEventListener('abort', () => {
        signals.push((ctx.signal.reason as { code: string }).code)
      })
      await gate.promise
      await ctx.effect().then(
        () => ends.push('committed'),
        (error: { code: string }) => ends.push(error.code),
      )
    },
  }
  await using app = await openYard(deeds)
  await ask(app, { job: 'plain', what: 'deaf' }, { job: 'plain', what: 'polite' })
  await until(() => begun === 2)
  const ms = await stopMessages(app, 1_000)
  assert.ok(ms < 1_500, `it took ${ms} ms`)
  const rows = await rowsOf(app, 'select state, attempts, deaths from yard.banyan_message')
  for (const row of rows) {
    assert.ok(row['state'] === 0 || row['state'] === 1)
    assert.deepEqual([row['attempts'], row['deaths']], [0, 0])
  }
  gate.resolve()
  await until(() => ends.length === 1)
  assert.notEqual(ends[0], 'committed')
  assert.deepEqual(signals, ['MESSAGES_STOPPED'])
  assert.deepEqual(await rowsOf(app, 'select from yard.effect'), [])
})

test('it ends within its deadline though the database is gone', async () => {
  const rejections: unknown[] = []
  const note = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', note)
  let runs = 0
  const deeds = {
    async run() {
      runs++
      await pause(300)
    },
  }
  await using app = await openYard(deeds)
  await ask(app, ...['a', 'b', 'c'].map((what) => ({ job: 'plain', what })))
  await until(() => runs === 3)
  app.instance.database?.destroy()
  const ms = await stopMessages(app, 1_500)
  assert.ok(ms < 2_200, `it took ${ms} ms`)
  await pause(400)
  process.off('unhandledRejection', note)
  assert.deepEqual(rejections, [])
})

test('a database that goes away for a moment delays and loses nothing', async () => {
  const done: string[] = []
  const deeds = { run: async (_: string, what: string) => void done.push(what) }
  await using app = await openYard(deeds)
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`
  for (let round = 0; round < 8; round++) {
    await ask(app, { job: 'plain', what: `${round}` }).catch(() => done.push(`${round}`))
    await rowsOf(app, cut)
    await pause(30)
  }
  await until(() => new Set(done).size === 8, 8_000)
  await until(async () => {
    return (await rowsOf(app, 'select from yard.banyan_message where state < 5')).length === 0
  })
  const parked = await rowsOf(app, 'select from yard.banyan_message')
  assert.deepEqual(parked, [])
})
