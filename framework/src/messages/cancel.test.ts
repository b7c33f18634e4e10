import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, type DeedContext, openYard, pause, rowsOf, until } from './yard.fixture.ts'

test('a run that is cancelled hears its signal, ends as cancelled, and lets the next with its key go', async () => {
  const reasons: string[] = []
  const done: string[] = []
  const deeds = {
    async run(_: string, what: string, { signal }: DeedContext) {
      if (what === 'long') {
        await new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push((signal.reason as { code: string }).code)
            reject(signal.reason as Error)
          })
        })
      }
      done.push(what)
    },
  }
  await using app = await openYard(deeds)
  const [id = ''] = await ask(
    app,
    { job: 'keyed', key: 'k', what: 'long' },
    { job: 'keyed', key: 'k', what: 'next' },
  )
  await until(async () => {
    return (await rowsOf(app, 'select from yard.banyan_message where state = 2')).length === 1
  })
  await rowsOf(app, `update yard.banyan_message set is_cancelling = true where id = '${id}'`)
  await until(() => done.length === 1)
  assert.deepEqual([reasons, done], [['MESSAGES_CANCELLED'], ['next']])
  const [row] = await rowsOf(app, `select state, problem from yard.banyan_message`)
  assert.equal(row?.['state'], 7)
  assert.match(String(row?.['problem']), /MESSAGES_CANCELLED/)
})

test('a run that ignores its signal cannot commit any more once it was cancelled', async () => {
  const gate = Promise.withResolvers<void>()
  const ends: string[] = []
  const deeds = {
    async run(_: string, _what: string, ctx: DeedContext) {
      await gate.promise
      await ctx.effect().then(
        () => ends.push('committed'),
        (error: { code: string }) => ends.push(error.code),
      )
    },
  }
  await using app = await openYard(deeds)
  await ask(app, { job: 'plain', what: 'deaf' })
  await until(async () => {
    return (await rowsOf(app, 'select from yard.banyan_message where state = 2')).length === 1
  })
  await rowsOf(app, 'update yard.banyan_message set is_cancelling = true')
  await until(async () => {
    return (await rowsOf(app, 'select from yard.banyan_message where state = 7')).length === 1
  })
  gate.resolve()
  await until(() => ends.length === 1)
  assert.deepEqual(ends, ['MESSAGES_CANCELLED'])
  assert.deepEqual(await rowsOf(app, 'select what from yard.effect'), [])
})

test('what an operator cancels before it began never begins', async () => {
  const done: string[] = []
  await using app = await openYard({ run: async (_, what) => void done.push(what) })
  const [later = ''] = await ask(app, { job: 'plain', what: 'later', delayMs: 300 })
  const [kept = ''] = await ask(app, { job: 'plain', what: 'kept', delayMs: 300 })
  await rowsOf(
    app,
    `update yard.banyan_message set state = 7, epoch = epoch + 1, ended_at = now() where id = '${later}'`,
  )
  await until(() => done.length === 1)
  await pause(100)
  assert.deepEqual(done, ['kept'])
  assert.notEqual(kept, '')
})

test('what a run says of its progress is written while it runs', async () => {
  const gate = Promise.withResolvers<void>()
  const deeds = {
    async run(_: string, _what: string, ctx: DeedContext) {
      ctx.progress(0.25, 'a quarter')
      await gate.promise
      ctx.progress(7)
    },
  }
  await using app = await openYard(deeds)
  await ask(app, { job: 'plain', what: 'slow' })
  const shown = async () => (await rowsOf(app, 'select progress, note from yard.banyan_message'))[0]
  await until(async () => (await shown())?.['note'] === 'a quarter')
  assert.equal((await shown())?.['progress'], 0.25)
  gate.resolve()
  await app.messagesSettled()
})

test('a transaction that takes longer than the lease keeps its message', async () => {
  let runs = 0
  const deeds = {
    async run(_: string, _what: string, ctx: DeedContext) {
      runs++
      await ctx.effect(() => pause(1_500))
      await pause(50)
      await ctx.effect()
    },
  }
  const limits = { messageLimits: { leaseMs: 400, pollMs: 50 } }
  await using first = await openYard(deeds, limits)
  await using second = await openYard(deeds, { ...limits, database: first.server.database })
  await ask(first, { job: 'plain', what: 'long' })
  await until(async () => (await rowsOf(first, 'select from yard.effect')).length === 2)
  await second.messagesSettled()
  assert.equal(runs, 1)
})
