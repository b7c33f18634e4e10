import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TestApplication, testApplication } from '../../testing/index.ts'
import { type Deeds, library } from '../messages.fixture.ts'
import { MessageOperator } from './message-operator.ts'

const queue = 'shelf.jobs.note'

interface Operated {
  readonly app: TestApplication
  readonly operator: MessageOperator
}

/** The library with its workers, and an operator beside it. */
async function operated(deeds: Deeds): Promise<Operated & AsyncDisposable> {
  const application = library(deeds)
  const app = await testApplication(application, { messages: true })
  const { database } = app.instance
  assert.ok(database !== undefined)
  const { modules } = application
  const operator = new MessageOperator({ modules, database, world: app.world })
  return { app, operator, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

async function ask({ app }: Operated, what: string, count = 1): Promise<readonly string[]> {
  const { ids } = (await app.operator.call('shelf.ask', { what, count })) as { ids: string[] }
  return ids
}

/** The messages of the module by state. */
async function states({ operator }: Operated): Promise<readonly string[]> {
  const { messages } = await operator.list('shelf')
  return messages.map(({ state }) => state)
}

async function until(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const endMs = performance.now() + 8_000
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error('it did not become true')
    await pause(10)
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise<void>((resolve) => void setTimeout(resolve, ms))

test('what was parked by its failures runs when it is redriven, and is done', async () => {
  let isBroken = true
  let runs = 0
  await using system = await operated({
    async note() {
      runs++
      if (isBroken) throw new Error('no answer')
    },
  })
  const ids = await ask(system, 'n', 3)
  await until(async () => (await states(system)).filter((state) => state === 'parked').length === 3)
  assert.equal(runs, 9)
  const shown = await system.operator.show(ids[0] ?? '')
  assert.deepEqual(
    [shown.attempts, shown.problem?.message],
    [3, 'an unexpected error: Error: no answer'],
  )
  isBroken = false
  assert.deepEqual(await system.operator.redriveQueue(queue), { redriven: 3, skipped: 0 })
  await until(async () => (await states(system)).length === 0)
  assert.equal(runs, 12)
})

test('a run that is cancelled is told by its signal, and its message ends', async () => {
  let told: unknown
  await using system = await operated({
    note: (_input, _attempt, ctx) =>
      new Promise((_resolve, reject) => {
        const { signal } = ctx as { signal: AbortSignal }
        signal.addEventListener('abort', () => {
          told = signal.reason
          reject(signal.reason)
        })
      }),
  })
  const [id = ''] = await ask(system, 'n')
  await until(async () => (await states(system))[0] === 'leased')
  const change = await system.operator.cancel(id)
  assert.deepEqual([change.after, change.isCancelling], ['leased', true])
  await until(async () => (await states(system))[0] !== 'leased')
  assert.deepEqual(await states(system), ['cancelled'])
  assert.equal((told as { code?: string }).code, 'MESSAGES_CANCELLED')
})

test('nothing of a paused queue begins, until it is resumed', async () => {
  let runs = 0
  await using system = await operated({
    async note() {
      runs++
    },
  })
  await system.operator.pause(queue)
  // workers look at what operators say every second or so
  await pause(1_500)
  await ask(system, 'n', 2)
  await pause(300)
  assert.deepEqual([runs, await states(system)], [0, ['ready', 'ready']])
  await system.operator.resume(queue)
  await until(() => runs === 2)
})

test('a limit that is set while workers run holds in the fleet', async () => {
  let atOnce = 0
  let most = 0
  await using system = await operated({
    async note() {
      most = Math.max(most, ++atOnce)
      await pause(20)
      atOnce--
    },
  })
  await ask(system, 'n', 20)
  await until(async () => (await states(system)).length === 0)
  assert.ok(most > 2, 'without a limit they run together')
  await system.operator.limit(queue, { concurrencyMax: 2 })
  await pause(1_500)
  most = 0
  await ask(system, 'n', 10)
  await until(async () => (await states(system)).length === 0)
  assert.ok(most >= 1 && most <= 2, `${most} at once`)
})

test('a message that is parked while it runs cannot commit any more', async () => {
  const gate = Promise.withResolvers<void>()
  let outcome = ''
  await using system = await operated({
    async note(_input, _attempt, ctx) {
      await gate.promise
      const { transaction } = ctx as {
        transaction(work: (tx: never) => Promise<void>): Promise<void>
      }
      try {
        await transaction.call(ctx, async () => {})
        outcome = 'committed'
      } catch (error) {
        outcome = (error as { code: string }).code
        throw error
      }
    },
  })
  const [id = ''] = await ask(system, 'n')
  await until(async () => (await states(system))[0] === 'leased')
  await system.operator.park(id)
  gate.resolve()
  await until(() => outcome !== '')
  assert.equal(outcome, 'MESSAGES_LEASE_LOST')
  assert.deepEqual(await states(system), ['parked'])
})

test('an instance that works on messages measures their queues', async () => {
  await using app = await testApplication(library(), { messages: true, http: true })
  const series = 'banyan_messages{module="shelf",queue="jobs.note",state="ready"}'
  await until(async () => {
    const response = await fetch(`${app.url}/metrics`)
    return (await response.text()).includes(`\n${series} 0\n`)
  })
})
