import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Database, ModuleDatabase } from '../../data/index.ts'
import { createWorld, FakeClock } from '../../kernel/index.ts'
import { createDepthGauges } from './depth-gauges.ts'
import { OperatedSystem, send } from './operate.fixture.ts'

const valueOf = (text: string, series: string): number => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  assert.ok(line !== undefined, `no ${series} in:\n${text}`)
  return Number(line.slice(series.length + 1))
}
const ready = 'banyan_messages{module="letters",queue="jobs.send",state="ready"}'

after(() => OperatedSystem.close())

test('depth and age of every declared queue are metrics, and unknown before the first look', async () => {
  const system = await OperatedSystem.open()
  const { modules, database, world, telemetry } = system
  const gauges = createDepthGauges({ modules, database, world, telemetry })
  assert.ok(Number.isNaN(valueOf(telemetry.metrics.text(), ready)))
  await system.enqueue(send, [{ to: 'a' }, { to: 'b' }, { to: 'c' }])
  await system.ask(`update banyan_message set created_at = now() - interval '50 s' where key = 'a'`)
  await system.ask(`update banyan_message set state = 5 where key = 'b'`)
  await system.ask(`insert into banyan_outbox (id, name, version, payload, headers)
    select uuidv7(), 'letters.sent', 1, '{}', '{}' from generate_series(1, 3)`)
  await gauges.refresh()
  const text = telemetry.metrics.text()
  assert.equal(valueOf(text, ready), 2)
  assert.equal(valueOf(text, ready.replace('ready', 'parked')), 1)
  assert.equal(valueOf(text, ready.replace('ready', 'leased')), 0)
  assert.equal(valueOf(text, ready.replace('jobs.send', 'on.orders.paid')), 0)
  assert.equal(valueOf(text, 'banyan_outbox_messages{module="letters"}'), 3)
  const age = valueOf(text, 'banyan_messages_oldest_seconds{module="letters",queue="jobs.send"}')
  assert.ok(age >= 50 && age < 60, `${age}`)
  await gauges.stop()
})

test('a long queue is counted up to its bound only', async () => {
  const system = await OperatedSystem.open()
  const { modules, database, world, telemetry } = system
  await system.ask(
    `insert into banyan_message (id, queue, version, payload, headers)
     select uuidv7(), 'jobs.send', 1, '{}', '{}' from generate_series(1, 12000)`,
  )
  const gauges = createDepthGauges({ modules, database, world, telemetry })
  await gauges.refresh()
  assert.equal(valueOf(telemetry.metrics.text(), ready), 10_000)
  await gauges.stop()
})

test('looks come at most every 5 s, end with stop, and a database that is down is said once', async () => {
  const system = await OperatedSystem.open()
  const { modules, telemetry, lines } = system
  const clock = new FakeClock()
  let looks = 0
  let isDown = false
  const database: Database = Object.create(system.database, {
    of: {
      value: (module: string): ModuleDatabase => {
        looks++
        if (isDown) throw new Error('down')
        return system.database.of(module)
      },
    },
  })
  const options = { modules, database, world: createWorld({ clock }), telemetry }
  const gauges = createDepthGauges({ ...options, everyMs: 10 })
  gauges.start()
  gauges.start()
  await gauges.refresh()
  assert.equal(looks, 2, 'one per module with tables')
  await clock.advance(4_999)
  assert.equal(looks, 2)
  isDown = true
  await clock.advance(1)
  assert.ok(looks > 2)
  await gauges.refresh()
  assert.ok(Number.isNaN(valueOf(telemetry.metrics.text(), ready)))
  await gauges.refresh()
  await telemetry.logs.flush()
  assert.equal(lines.filter((line) => line.includes('depth of queues')).length, 1)
  isDown = false
  await gauges.refresh()
  assert.equal(valueOf(telemetry.metrics.text(), ready), 0)
  await gauges.stop()
  const last = looks
  await clock.advance(60_000)
  assert.equal(looks, last)
})
