import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  messagesLimitInvalid,
  messagesMessageAmbiguous,
  messagesMessageDuplicate,
  messagesMessageUnknown,
  messagesQueueUnknown,
  messagesStateWrong,
} from './errors.ts'
import { digest, OperatedSystem, send } from './operate.fixture.ts'

const unheard = '00000000-0000-7000-8000-000000000000'

/** Puts an event into an inbox, as a relay does. */
const eventText = `
insert into banyan_message (id, queue, version, key, payload, headers)
values ($1, 'on.orders.paid', 2, $2, $3, '{}')`

after(() => OperatedSystem.close())

test('the overview counts each state of each queue, ages, and what nobody carried away', async () => {
  const system = await OperatedSystem.open()
  await system.enqueue(send, [{ to: 'a' }, { to: 'b' }, { to: 'c' }])
  await system.enqueue(send, [{ to: 'd' }], { delayMs: 60_000 })
  await system.ask(`update banyan_message set created_at = now() - interval '90 s'
    where key in ('a', 'd')`)
  await system.ask(`update banyan_message set state = 5 where key = 'b'`)
  await system.ask(`insert into banyan_outbox (id, name, version, payload, headers, created_at)
    values ('${unheard}', 'letters.sent', 1, '{}', '{}', now() - interval '5 s')`)
  const { queues, outboxes } = await system.operator.overview()
  assert.deepEqual(
    queues.map(({ queue }) => queue),
    [
      'letters.jobs.send',
      'letters.jobs.digest',
      'letters.on.orders.paid',
      'parcels.on.orders.paid',
    ],
  )
  const [found] = queues
  assert.deepEqual(found?.counts, { ready: 2, waiting: 1, parked: 1 })
  // the delayed one is old, but not late
  assert.ok(found.oldestMs !== undefined && found.oldestMs >= 90_000 && found.oldestMs < 100_000)
  assert.deepEqual([found.concurrencyMax, found.rate?.count, found.isPaused], [4, 10, false])
  assert.equal(queues[1]?.oldestMs, undefined)
  assert.deepEqual(
    outboxes.map(({ module, count }) => [module, count]),
    [
      ['letters', 1],
      ['parcels', 0],
    ],
  )
  assert.ok((outboxes[0]?.oldestMs ?? 0) >= 5_000)
})

test('a count that reaches its bound says that it is a lower bound', async () => {
  const system = await OperatedSystem.open()
  await system.enqueue(send, [{ to: 'a' }, { to: 'b' }, { to: 'c' }])
  const { queues } = await system.operator.overview(2)
  assert.deepEqual([queues[0]?.counts, queues[0]?.partial], [{ ready: 2 }, ['ready']])
  const whole = await system.operator.overview(100)
  assert.deepEqual([whole.queues[0]?.counts, whole.queues[0]?.partial], [{ ready: 3 }, []])
})

test('a queue that is no longer declared is shown while it holds messages, and only then known', async () => {
  const system = await OperatedSystem.open()
  await assert.rejects(system.operator.pause('letters.jobs.old'), messagesQueueUnknown.is)
  await system.ask(eventText.replace('on.orders.paid', 'jobs.old'), [unheard, null, '{}'])
  const { queues } = await system.operator.overview()
  const old = queues.find(({ queue }) => queue === 'letters.jobs.old')
  assert.deepEqual([old?.isDeclared, old?.counts], [false, { ready: 1 }])
  assert.equal((await system.operator.pause('letters.jobs.old')).isPaused, true)
})

test('a misspelled queue is refused with the nearest name', async () => {
  const system = await OperatedSystem.open()
  for (const queue of ['letters.jobs.sent', 'lettrs.jobs.send']) {
    await assert.rejects(system.operator.pause(queue), (error: unknown) => {
      assert.ok(messagesQueueUnknown.is(error))
      assert.equal(error.fix, 'Did you mean letters.jobs.send?')
      return true
    })
  }
})

test('a list is paged by position and keeps to module, queue and state', async () => {
  const system = await OperatedSystem.open()
  await system.enqueue(send, [{ to: 'a' }, { to: 'b' }, { to: 'c' }])
  await system.enqueue(digest, [{ day: 'mo' }])
  await system.ask(`update banyan_message set state = 5, attempts = 3,
    problem = '{"code":"SMTP_DOWN","message":"no answer"}' where key = 'b'`)
  const first = await system.operator.list('letters.jobs.send', { countMax: 2 })
  assert.deepEqual(
    first.messages.map(({ key, state }) => [key, state]),
    [
      ['a', 'ready'],
      ['b', 'parked'],
    ],
  )
  assert.equal(first.messages[1]?.problem?.code, 'SMTP_DOWN')
  assert.ok(first.next !== undefined)
  const second = await system.operator.list('letters.jobs.send', { after: first.next })
  assert.deepEqual([second.messages.map(({ key }) => key), second.next], [['c'], undefined])
  const parked = await system.operator.list('letters', { state: 'parked' })
  assert.deepEqual(
    parked.messages.map(({ queue, attempts }) => [queue, attempts]),
    [['letters.jobs.send', 3]],
  )
  await assert.rejects(system.operator.list('orders'), messagesQueueUnknown.is)
})

test('a message is shown with payload, problem, progress and the steps of its saga', async () => {
  const system = await OperatedSystem.open()
  const [id = ''] = await system.enqueue(send, [{ to: 'a' }], { priority: 7 })
  await system.ask(`update banyan_message set state = 2, attempts = 2, deaths = 1, progress = 0.5,
    note = 'half', leased_by = 'work-1', leased_until = now() + interval '30 s',
    problem = '{"code":"SMTP_DOWN","message":"no answer","stack":"at send","cause":"ECONNREFUSED"}'`)
  await system.ask(`insert into banyan_step (message, number, name, kind, is_undone, due_at) values
    ('${id}', 2, 'charge', 0, true, null), ('${id}', 1, 'reserve', 0, false, null),
    ('${id}', 3, 'rest', 1, false, now())`)
  await system.ask(`insert into banyan_wait (message, name, number, position, event, key, due_at)
    values ('${id}', 'parcel', 4, 1, 'orders.paid', 'k', now())`)
  const shown = await system.operator.show(id)
  assert.deepEqual(JSON.parse(shown.payload), { to: 'a' })
  assert.equal(JSON.parse(shown.headers).traceId, '1'.repeat(32))
  assert.deepEqual([shown.priority, shown.attempts, shown.deaths], [7, 2, 1])
  assert.deepEqual([shown.progress, shown.note, shown.leasedBy], [0.5, 'half', 'work-1'])
  assert.deepEqual([shown.problem?.stack, shown.problem?.cause], ['at send', 'ECONNREFUSED'])
  assert.deepEqual(
    shown.records.map(({ number, name, kind, isUndone }) => [number, name, kind, isUndone]),
    [
      [1, 'reserve', 'step', false],
      [2, 'charge', 'step', true],
      [3, 'rest', 'sleep', false],
      [4, 'parcel', 'wait', false],
    ],
  )
  assert.equal(shown.records[3]?.endedAt, undefined)
})

test('a message that nobody has, or two modules have, is refused', async () => {
  const system = await OperatedSystem.open()
  for (const id of [unheard, 'not-an-id']) {
    await assert.rejects(system.operator.show(id), messagesMessageUnknown.is)
    await assert.rejects(system.operator.cancel(id), messagesMessageUnknown.is)
  }
  for (const module of ['letters', 'parcels']) {
    await system.ask(eventText, [unheard, 'o-1', '{"orderId":"o-1"}'], module)
  }
  await assert.rejects(system.operator.show(unheard), messagesMessageAmbiguous.is)
  const change = await system.operator.cancel(unheard, 'parcels')
  assert.deepEqual([change.queue, change.after], ['parcels.on.orders.paid', 'cancelled'])
  assert.deepEqual(await system.states('letters'), [0])
  assert.deepEqual(await system.states('parcels'), [7])
})

test('a message is parked from every state in which it may still run, and the next with its key goes on', async () => {
  const system = await OperatedSystem.open()
  const ids = await system.enqueue(send, [{ to: 'a' }, { to: 'a' }, { to: 'b' }, { to: 'c' }])
  await system.ask(`update banyan_message set state = 3 where position = 2`)
  await system.ask(`update banyan_message set state = 2, epoch = 4 where position = 3`)
  await system.ask(`update banyan_message set state = 4, due_at = now() where position = 4`)
  for (const id of ids) await system.operator.park(id)
  assert.deepEqual(await system.states(), [5, 5, 5, 5])
  const rows = await system.ask('select epoch, problem from banyan_message order by position')
  assert.equal(rows[2]?.['epoch'], 5, 'its worker must not commit any more')
  assert.match(String(rows[0]?.['problem']), /parked by an operator/)
})

test('the blocked successor of a parked or cancelled message becomes ready, and no other', async () => {
  const system = await OperatedSystem.open()
  const [first = '', second = ''] = await system.enqueue(send, [
    ...[{ to: 'a' }, { to: 'a' }, { to: 'a' }, { to: 'b' }, { to: 'b' }],
  ])
  await system.ask(`update banyan_message set state = 3 where position in (2, 3, 5)`)
  await system.operator.park(first)
  assert.deepEqual(await system.states(), [5, 0, 3, 0, 3])
  await system.operator.cancel(second)
  assert.deepEqual(await system.states(), [5, 7, 0, 0, 3])
})

test('what failed is kept when an operator parks the message', async () => {
  const system = await OperatedSystem.open()
  const [id = ''] = await system.enqueue(send, [{ to: 'a' }])
  await system.ask(`update banyan_message set state = 1,
    problem = '{"code":"SMTP_DOWN","message":"no answer"}'`)
  await system.operator.park(id)
  assert.equal((await system.operator.show(id)).problem?.code, 'SMTP_DOWN')
})

test('a leased message that is cancelled is told so and stays with its worker', async () => {
  const system = await OperatedSystem.open()
  const [id = ''] = await system.enqueue(send, [{ to: 'a' }])
  await system.ask(`update banyan_message set state = 2, epoch = 4, leased_by = 'work-1'`)
  const change = await system.operator.cancel(id)
  assert.deepEqual([change.before, change.after], ['leased', 'leased'])
  const [row] = await system.ask('select epoch, is_cancelling, ended_at from banyan_message')
  assert.deepEqual([row?.['epoch'], row?.['is_cancelling'], row?.['ended_at']], [4, true, null])
})

test('a saga that has done steps is given to a worker to be undone, unless that has been tried', async () => {
  const system = await OperatedSystem.open()
  const ids = await system.enqueue(
    send,
    ['a', 'b', 'c', 'd'].map((to) => ({ to })),
  )
  const [sleeping = '', parked = '', failed = '', young = ''] = ids
  const step = (id: string, kind: number): Promise<unknown> =>
    system.ask(
      `insert into banyan_step (message, number, name, kind) values ('${id}', 1, 'k${kind}', ${kind})`,
    )
  for (const id of [sleeping, parked, failed]) await step(id, 0)
  await step(failed, 2)
  await step(young, 1)
  await system.ask(`update banyan_message set state = 1, due_at = now() + interval '1 h'
    where position in (1, 4)`)
  await system.ask(`update banyan_message set state = 5, attempts = 12 where position in (2, 3)`)
  const changes = []
  for (const id of ids) changes.push(await system.operator.cancel(id))
  assert.deepEqual(
    changes.map(({ after, isCancelling }) => [after, isCancelling]),
    [
      ['ready', true],
      ['ready', true],
      ['cancelled', false],
      ['cancelled', false],
    ],
  )
  const rows = await system.ask(
    'select due_at, attempts, is_cancelling from banyan_message order by position',
  )
  assert.deepEqual(rows[0], { due_at: null, attempts: 0, is_cancelling: true })
  assert.deepEqual([rows[1]?.['attempts'], rows[1]?.['is_cancelling']], [0, true])
})

test('a change that the state forbids is refused and changes nothing', async () => {
  const system = await OperatedSystem.open()
  const [id = ''] = await system.enqueue(send, [{ to: 'a' }])
  await assert.rejects(system.operator.redrive(id), messagesStateWrong.is)
  await system.operator.cancel(id)
  const before = await system.ask('select * from banyan_message')
  for (const change of [
    () => system.operator.park(id),
    () => system.operator.cancel(id),
    () => system.operator.redrive(id),
  ]) {
    await assert.rejects(change(), (error: unknown) => {
      assert.ok(messagesStateWrong.is(error))
      assert.equal(error.details.state, 'cancelled')
      return true
    })
  }
  assert.deepEqual(await system.ask('select * from banyan_message'), before)
})

test('of two operators who cancel one message at once, one is refused', async () => {
  const system = await OperatedSystem.open()
  const [id = ''] = await system.enqueue(send, [{ to: 'a' }])
  const ends = await Promise.allSettled([system.operator.cancel(id), system.operator.park(id)])
  // a parked one may be cancelled, a cancelled one not be parked
  const [cancelled, parked] = ends
  assert.equal(cancelled?.status, 'fulfilled')
  if (parked?.status === 'rejected') assert.ok(messagesStateWrong.is(parked.reason))
  assert.deepEqual(await system.states(), [7])
})

test('a redriven message begins anew, with all its attempts', async () => {
  const system = await OperatedSystem.open()
  const [id = ''] = await system.enqueue(send, [{ to: 'a' }])
  await system.parkAll()
  const change = await system.operator.redrive(id)
  assert.deepEqual([change.before, change.after], ['parked', 'ready'])
  const [row] = await system.ask(
    'select state, attempts, deaths, epoch, ended_at from banyan_message',
  )
  assert.deepEqual(row, { state: 0, attempts: 0, deaths: 0, epoch: 1, ended_at: null })
})

test('a redriven queue keeps the order of each key and leaves no key twice at once', async () => {
  const system = await OperatedSystem.open()
  const to = ['a', 'a', 'b', 'a', 'b', 'c']
  await system.enqueue(
    send,
    to.map((key) => ({ to: key })),
  )
  await system.parkAll()
  // one that came later is being worked on
  await system.ask(`update banyan_message set state = 2 where key = 'c'`)
  await system.enqueue(send, [{ to: 'c' }])
  await system.ask(`update banyan_message set state = 5 where position = 7`)
  const result = await system.operator.redriveQueue('letters.jobs.send')
  assert.deepEqual(result, { redriven: 6, skipped: 0 })
  assert.deepEqual(await system.states(), [0, 3, 0, 3, 3, 2, 3])
})

test('a redrive of many goes in batches, tells how far it is, and can be stopped between them', async () => {
  const system = await OperatedSystem.open()
  await system.ask(
    `insert into banyan_message (id, queue, version, payload, headers, state, attempts)
     select uuidv7(), 'jobs.send', 1, '{"to":"a"}', '{}', 5, 12 from generate_series(1, 1200)`,
  )
  const stop = new AbortController()
  const seen: number[] = []
  const half = await system.operator.redriveQueue('letters.jobs.send', {
    signal: stop.signal,
    progress: ({ done, total }) => {
      seen.push(done)
      assert.equal(total, 1_200)
      stop.abort()
    },
  })
  assert.deepEqual([half.redriven, seen], [500, [500]])
  assert.equal(await system.operator.countParked('letters.jobs.send'), 700)
  const rest = await system.operator.redriveQueue('letters.jobs.send')
  assert.deepEqual(rest, { redriven: 700, skipped: 0 })
  assert.ok((await system.states()).every((state) => state === 0))
})

test('jobs under one unique text are redriven only while no other waits under it', async () => {
  const system = await OperatedSystem.open()
  const [first = ''] = await system.enqueue(digest, [{ day: 'mo' }])
  await system.parkAll()
  await system.enqueue(digest, [{ day: 'mo' }])
  await assert.rejects(system.operator.redrive(first), messagesMessageDuplicate.is)
  assert.deepEqual(await system.states(), [5, 0])
  await system.parkAll()
  const result = await system.operator.redriveQueue('letters.jobs.digest')
  assert.deepEqual(result, { redriven: 1, skipped: 1 })
  assert.deepEqual(await system.states(), [0, 5])
})

test('a redrive waits for nobody: what another operator holds is left', async () => {
  const system = await OperatedSystem.open()
  await system.enqueue(send, [{ to: 'a' }, { to: 'b' }])
  await system.parkAll()
  const all = await Promise.all([
    system.operator.redriveQueue('letters.jobs.send'),
    system.operator.redriveQueue('letters.jobs.send'),
  ])
  const redriven = all.reduce((sum, result) => sum + result.redriven, 0)
  assert.equal(redriven, 2)
  assert.deepEqual(await system.states(), [0, 0])
})

test('a queue is paused and resumed, and its limits are set and given back, live', async () => {
  const system = await OperatedSystem.open()
  const { operator } = system
  const queue = 'letters.jobs.send'
  assert.equal((await operator.pause(queue)).isPaused, true)
  const limited = await operator.limit(queue, { concurrencyMax: 1 })
  assert.deepEqual(
    [limited.isPaused, limited.concurrencyMax, limited.rate?.count, limited.overridden],
    [true, 1, 10, ['concurrencyMax']],
  )
  const rated = await operator.limit(queue, { rate: { count: 5, perMs: 60_000 } })
  assert.deepEqual([rated.concurrencyMax, rated.rate], [1, { count: 5, perMs: 60_000 }])
  assert.equal((await operator.resume(queue)).isPaused, false)
  const back = await operator.limit(queue, { concurrencyMax: null, rate: null })
  assert.deepEqual([back.concurrencyMax, back.rate?.count, back.overridden], [4, 10, []])
  for (const change of [{ concurrencyMax: 0 }, { rate: { count: 1.5, perMs: 10 } }]) {
    await assert.rejects(operator.limit(queue, change), messagesLimitInvalid.is)
  }
})
