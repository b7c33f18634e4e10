import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineError } from '../../kernel/index.ts'
import { testApplication } from '../../testing/index.ts'
import {
  agency,
  effects,
  enter,
  pay,
  query,
  sagas,
  settle,
  start,
  untilStates,
} from './saga.fixture.ts'

const refused = defineError<{ why: string }>('TRIP_REFUSED', 'invalid', {
  message: ({ why }) => why,
  fix: 'none',
})

test('a step is run once and answered from its record at every later run', async () => {
  const runs: string[] = []
  const answers: unknown[] = []
  const app = await testApplication(
    agency(async (_input, ctx) => {
      const first = await ctx.step('first', async () => {
        runs.push('first')
        return { amount: 12n, at: new Date(5), left: undefined }
      })
      answers.push(first)
      await ctx.step('second', async () => {
        runs.push('second')
        if (ctx.message.attempt < 3) throw new Error('not yet')
      })
    }),
    { messages: true },
  )
  await using _app = app
  await start(app, 'a')
  await untilStates(app, [6])
  assert.deepEqual(runs, ['first', 'second', 'second', 'second'])
  const answer = { amount: 12n, at: new Date(5), left: undefined }
  assert.deepEqual(answers, [answer, answer, answer])
})

test('a saga that fails for good is undone, last step first, each step once', async () => {
  const order: string[] = []
  await using app = await testApplication(
    agency(async (input, ctx) => {
      const { trip } = input
      const undo = (what: string) => async (result: string) => {
        assert.match(result, /^[0-9a-f-]{36}$/)
        order.push(what)
        await enter(ctx, trip, `undo ${what}`)
      }
      await ctx.step('hotel', () => enter(ctx, trip, 'hotel'), { undo: undo('hotel') })
      await ctx.step('tell', async () => {})
      await ctx.step('flight', () => pay(ctx, trip, 'flight'), { undo: undo('flight') })
      await ctx.step('car', () => enter(ctx, trip, 'car'), { undo: undo('car') })
      throw refused({ why: 'no seat is left' })
    }),
    { messages: true },
  )
  await start(app, 'a')
  await untilStates(app, [5])
  assert.deepEqual(order, ['car', 'flight', 'hotel'])
  const done = ['car', 'flight', 'hotel', 'undo car', 'undo flight', 'undo hotel']
  assert.deepEqual(await effects(app), done)
  const [saga] = await sagas(app)
  assert.equal(saga?.problem?.code, 'TRIP_REFUSED')
  assert.equal(saga?.problem?.compensation, 'complete')
  assert.equal(saga?.problem?.undo, undefined)
})

test('a saga without anything to undo is parked as any job', async () => {
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      await ctx.step('hotel', () => enter(ctx, trip, 'hotel'))
      throw new Error('it cannot be')
    }),
    { messages: true },
  )
  await start(app, 'a')
  await untilStates(app, [5])
  assert.deepEqual(await effects(app), ['hotel'])
  assert.equal((await sagas(app))[0]?.problem?.compensation, undefined)
})

test('an undo that fails is tried again, and at last parked with both problems', async () => {
  let tries = 0
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      await ctx.step('hotel', () => enter(ctx, trip, 'hotel'), {
        undo: async () => {
          tries++
          throw new Error('the hotel does not answer')
        },
      })
      await ctx.step('car', () => enter(ctx, trip, 'car'), {
        undo: async () => void (await enter(ctx, trip, 'undo car')),
      })
      throw refused({ why: 'no seat is left' })
    }),
    { messages: true },
  )
  await start(app, 'a')
  await untilStates(app, [5])
  assert.equal(tries, 3)
  assert.deepEqual(await effects(app), ['car', 'hotel', 'undo car'])
  const [saga] = await sagas(app)
  assert.equal(saga?.problem?.code, 'TRIP_REFUSED')
  assert.equal(saga?.problem?.compensation, 'incomplete')
  assert.match(saga?.problem?.undo?.message ?? '', /the hotel does not answer|a bug/)
})

test('undoing is refused as a whole when the code no longer asks for a step', async () => {
  let isOld = true
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      const undo = (): Promise<void> => enter(ctx, trip, 'undo').then(() => {})
      if (isOld) await ctx.step('old', () => enter(ctx, trip, 'old'), { undo })
      await ctx.step('new', () => enter(ctx, trip, 'new'), { undo })
      isOld = false
      throw refused({ why: 'no seat is left' })
    }),
    { messages: true },
  )
  await start(app, 'a')
  await untilStates(app, [5])
  assert.deepEqual(await effects(app), ['new', 'old'])
  assert.equal((await sagas(app))[0]?.problem?.undo?.code, 'MESSAGES_UNDO_MISSING')
})

test('what a step throws may be caught, also when the saga is undone', async () => {
  const caught: string[] = []
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      const undo = (what: string) => () => enter(ctx, trip, `undo ${what}`).then(() => {})
      try {
        await ctx.step('flight', async () => {
          throw refused({ why: 'full' })
        })
      } catch (error) {
        caught.push((error as { readonly code: string }).code)
        await ctx.step('train', () => enter(ctx, trip, 'train'), { undo: undo('train') })
      }
      throw refused({ why: 'no bed is left' })
    }),
    { messages: true },
  )
  await start(app, 'a')
  await untilStates(app, [5])
  assert.deepEqual(await effects(app), ['train', 'undo train'])
  assert.deepEqual(caught, ['TRIP_REFUSED', 'MESSAGES_SAGA_UNWINDING'])
  assert.equal((await sagas(app))[0]?.problem?.compensation, 'complete')
})

test('steps run beside each other, and keep their keys', async () => {
  let attempts = 0
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      attempts++
      const names = ['a', 'b', 'c', 'd']
      await Promise.all(
        names.map((name) =>
          ctx.step(name, async () => {
            await pay(ctx, trip, name)
            await enter(ctx, trip, `${name}!`)
            if (attempts < 3 && name !== 'b') throw new Error('not yet')
          }),
        ),
      )
    }),
    { messages: true },
  )
  await start(app, 'x')
  await untilStates(app, [6])
  assert.deepEqual(await effects(app), ['a', 'a!', 'b', 'b!', 'c', 'c!', 'd', 'd!'])
  assert.equal(attempts, 3)
})

test('code may change between steps: the calls of a step keep their keys', async () => {
  let isChanged = false
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      if (isChanged) await ctx.step('checked', () => pay(ctx, trip, 'check'))
      await ctx.step('paid', async () => {
        await pay(ctx, trip, 'paid')
        if (isChanged) return
        isChanged = true
        throw new Error('its process died here')
      })
    }),
    { messages: true },
  )
  await start(app, 'x')
  await untilStates(app, [6])
  assert.deepEqual(await effects(app), ['check', 'paid'])
})

test('what a saga may not ask for is refused with the reason', async () => {
  const codes: unknown[] = []
  const caught = async (work: () => Promise<unknown>): Promise<void> => {
    const error = (await work().catch((found: unknown) => found)) as {
      code: string
      message: string
    }
    codes.push(`${error.code}: ${error.message.replace(/.* cannot be: /, '')}`)
  }
  await using app = await testApplication(
    agency(async ({ trip }, ctx) => {
      await ctx.step('one', async () => {
        await caught(() => ctx.step('inner', async () => {}))
      })
      await ctx.transaction(async () => caught(() => ctx.step('two', async () => {})))
      await caught(() => ctx.step('one', async () => {}))
      await caught(() => ctx.step('', async () => {}))
      await caught(() => ctx.sleep('long', 400 * 86_400_000))
      await caught(() => ctx.step('big', async () => 'x'.repeat(300_000)))
      await caught(() => ctx.step('strange', async () => () => {}))
      const other = { version: 1, payload: {} as never, key: () => trip, name: 'trips.noticed' }
      await caught(() => ctx.waitFor('other', other as never, { key: trip, timeoutMs: 5 }))
    }),
    { messages: true },
  )
  await start(app, 'x')
  await untilStates(app, [6])
  assert.deepEqual(codes, [
    'MESSAGES_STEP_INVALID: it is asked for inside of a step',
    'MESSAGES_STEP_INVALID: it is asked for inside of a transaction',
    'MESSAGES_STEP_DUPLICATE: trips.jobs.book asked twice for the step "one" in one run',
    'MESSAGES_STEP_INVALID: its name has not 1 to 100 printable characters',
    'MESSAGES_STEP_INVALID: 34560000000 ms is not from 0 to 366 days',
    'MESSAGES_STEP_TOO_LARGE: the step "big" of trips.jobs.book gave 300002 bytes; the limit is 262144',
    'KERNEL_VALUE_UNENCODABLE: a function cannot be recorded',
    'MESSAGES_STEP_INVALID: trips.noticed is not awaited',
  ])
})

test('a saga has at most 1,000 steps', async () => {
  let code = ''
  await using app = await testApplication(
    agency(async (_input, ctx) => {
      const ask = (index: number): Promise<unknown> => ctx.step(`s${index}`, async () => {})
      await Promise.all(Array.from({ length: 1_000 }, (_, index) => ask(index)))
      await ask(1_000).catch((error: { code: string }) => (code = error.code))
    }),
    { messages: true },
  )
  await start(app, 'x')
  await untilStates(app, [6])
  assert.equal(code, 'MESSAGES_STEPS_EXHAUSTED')
  const [row] = await query(app, 'select count(*)::integer as count from trips.banyan_step')
  assert.equal(row?.['count'], 1_000)
})

test('a batch has no steps', async () => {
  const codes: unknown[] = []
  const application = agency((input, ctx) => ctx.enqueue(settle, input), {
    settleAll: async (_inputs, ctx) => {
      await ctx.step('one', async () => {}).catch((error) => codes.push(error.code))
    },
  })
  await using app = await testApplication(application, { messages: true })
  await start(app, 'a')
  await app.messagesSettled()
  assert.deepEqual(codes, ['MESSAGES_STEP_INVALID'])
})
