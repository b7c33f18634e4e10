import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApplication } from '../../testing/index.ts'
import {
  agency,
  approve,
  type BookContext,
  effects,
  enter,
  pause,
  query,
  sagas,
  start,
  trips,
  untilRows,
  untilStates,
} from './saga.fixture.ts'

const approval = (ctx: BookContext, trip: string, name: string, timeoutMs = 60_000) =>
  ctx.waitFor(name, trips.events.approved, { key: trip, timeoutMs })

test('a sleep ends the run, holds nothing, and goes on when its time has come', async () => {
  const seen: string[] = []
  await using app = await testApplication(
    agency(async (_input, ctx) => {
      seen.push('begin')
      try {
        await ctx.sleep('nap', 300)
      } catch {
        seen.push('caught')
      } finally {
        seen.push('finally')
      }
      seen.push(`attempt ${ctx.message.attempt}`)
    }),
    { messages: true },
  )
  await start(app, 'a')
  await untilStates(app, [1])
  await app.messagesSettled()
  assert.deepEqual(seen, ['begin'])
  const [row] = await query(app, 'select leased_by, attempts from trips.banyan_message')
  assert.deepEqual(row, { leased_by: null, attempts: 0 })
  const beganMs = performance.now()
  await untilStates(app, [6])
  assert.ok(performance.now() - beganMs < 2_000)
  assert.deepEqual(seen, ['begin', 'begin', 'finally', 'attempt 1'])
})

test('a sleep goes on in another process, at its time', async () => {
  let runs = 0
  const application = agency(async ({ trip }, ctx) => {
    runs++
    await ctx.step('before', () => enter(ctx, trip, 'before'))
    await ctx.sleep('nap', 700)
    await ctx.step('after', () => enter(ctx, trip, 'after'))
  })
  await using first = await testApplication(application, { messages: true, runner: 'inline' })
  await start(first, 'a')
  await untilStates(first, [1])
  await first.instance.stop()
  assert.deepEqual(await effects(first), ['before'])
  await using second = await testApplication(application, {
    ...{ messages: true, runner: 'inline' },
    database: String(first.server.database),
  })
  await untilStates(second, [6])
  assert.deepEqual(await effects(second), ['after', 'before'])
  assert.equal(runs, 2)
})

test('a wait ends with the event of its key, and not with that of another', async () => {
  const heard: unknown[] = []
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      heard.push(await approval(ctx, trip, 'approval'))
    }),
    { messages: true },
  )
  await start(app, 'a')
  await untilStates(app, [4])
  await approve(app, 'b', 'bob')
  await app.messagesSettled()
  await untilStates(app, [4])
  await approve(app, 'a', 'ann')
  await untilStates(app, [6])
  assert.deepEqual(heard, [{ trip: 'a', by: 'ann', at: new Date(0) }])
})

test('an event that came before the wait is found, one from before the saga is not', async () => {
  const heard: unknown[] = []
  const gate = Promise.withResolvers<void>()
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      await ctx.step('slow', () => gate.promise)
      heard.push((await approval(ctx, trip, 'approval'))?.by)
    }),
    { messages: true },
  )
  await approve(app, 'a', 'long ago')
  await app.messagesSettled()
  await start(app, 'a')
  await untilStates(app, [2])
  await approve(app, 'a', 'in time')
  await untilRows(app, 'select id from trips.banyan_heard', 2)
  gate.resolve()
  await untilStates(app, [6])
  assert.deepEqual(heard, ['in time'])
})

test('an event answers one wait of a saga, in the order of the waits', async () => {
  const heard: unknown[] = []
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      const both = [approval(ctx, trip, 'one'), approval(ctx, trip, 'two')]
      const [one, two] = await Promise.all(both)
      const three = await approval(ctx, trip, 'three')
      heard.push(one?.by, two?.by, three?.by)
    }),
    { messages: true },
  )
  await start(app, 'a')
  await untilStates(app, [4])
  for (const by of ['ann', 'bob', 'cid']) await approve(app, 'a', by)
  await untilStates(app, [6])
  assert.deepEqual(heard, ['ann', 'bob', 'cid'])
})

test('an event that comes while a saga is about to wait makes it go on at once', async () => {
  const gate = Promise.withResolvers<void>()
  const began = Promise.withResolvers<void>()
  const heard: unknown[] = []
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      const busy = ctx.step('busy', async () => {
        began.resolve()
        await gate.promise
      })
      const [payload] = await Promise.all([approval(ctx, trip, 'approval'), busy])
      heard.push(payload?.by)
    }),
    { messages: true },
  )
  await start(app, 'a')
  await began.promise
  await untilRows(app, 'select name from trips.banyan_wait', 1)
  await approve(app, 'a', 'ann')
  await untilRows(app, 'select name from trips.banyan_wait where heard is not null', 1)
  gate.resolve()
  const beganMs = performance.now()
  await untilStates(app, [6])
  assert.ok(performance.now() - beganMs < 4_000)
  assert.deepEqual(heard, ['ann'])
})

test('a wait that times out answers undefined, for ever', async () => {
  const answers: unknown[] = []
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      answers.push(await approval(ctx, trip, 'approval', 50))
      if (ctx.message.attempt < 2) {
        await approve(app, trip, 'too late')
        await app.messagesSettled(50).catch(() => {})
        throw new Error('again')
      }
    }),
    { messages: true },
  )
  await start(app, 'a')
  await untilStates(app, [6])
  assert.deepEqual(answers, [undefined, undefined])
})

test('of a wait and a sleep beside it, the first one that is over goes on', async () => {
  const first: unknown[] = []
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      const waited = approval(ctx, trip, 'approval').then((payload) => payload?.by)
      const slept = ctx.sleep('nap', trip === 'slow' ? 60_000 : 200).then(() => 'nap')
      first.push(await Promise.race([waited, slept]))
    }),
    { messages: true },
  )
  await start(app, 'quick')
  await untilStates(app, [6])
  await start(app, 'slow')
  await untilStates(app, [6, 4])
  await approve(app, 'slow', 'ann')
  await untilStates(app, [6, 6])
  assert.deepEqual(first, ['nap', 'ann'])
})

test('no event is lost between a wait and its commit, or told twice', async () => {
  const count = 40
  const heard: string[] = []
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      const payload = await approval(ctx, trip, 'approval', 20_000)
      await ctx.step('done', () => enter(ctx, trip, payload?.by ?? 'nobody'))
      heard.push(trip)
    }),
    { messages: true },
  )
  const names = Array.from({ length: count }, (_, index) => `t${index}`)
  await Promise.all(
    names.map(async (trip, index) => {
      await start(app, trip)
      await pause(index % 7)
      await approve(app, trip, `by ${trip}`)
    }),
  )
  await untilStates(
    app,
    names.map(() => 6),
  )
  assert.deepEqual(await effects(app), names.map((trip) => `by ${trip}`).sort())
})

test('a saga that failed while it waited for nothing else is undone without its waits', async () => {
  await using app = await testApplication(
    agency(
      async ({ trip }, ctx) => {
        await ctx.step('hotel', () => enter(ctx, trip, 'hotel'), {
          undo: async () => void (await enter(ctx, trip, 'undo hotel')),
        })
        const payload = await approval(ctx, trip, 'approval', 30)
        if (payload === undefined) throw new Error('nobody approved it')
      },
      { attemptsMax: 1 },
    ),
    { messages: true },
  )
  await start(app, 'a')
  await untilStates(app, [5])
  assert.deepEqual(await effects(app), ['hotel', 'undo hotel'])
  assert.equal((await sagas(app))[0]?.problem?.compensation, 'complete')
})
