import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHostileTransport } from './hostile-transport.fixture.ts'
import { openYard, rowsOf, tell } from './yard.fixture.ts'

const things = 20
const rounds = 30

/** Publishes 600 events through a transport that doubles, mixes and repeats them. */
async function hear(options: { readonly inbox: boolean }) {
  const transport = createHostileTransport(20261122)
  const failed = new Set<string>()
  const deeds = {
    async heard({ thing, number }: { thing: string; number: number }) {
      const name = `${thing}.${number}`
      if (number % 10 !== 7 || failed.has(name)) return
      failed.add(name)
      throw new Error('not yet')
    },
  }
  await using app = await openYard(deeds, {
    transport: () => transport,
    messageSafety: { inbox: options.inbox },
  })
  const all = Array.from({ length: things }, (_, index) => `thing ${index}`)
  for (let number = 0; number < rounds; number++) {
    await tell(app, ...all.map((thing) => ({ thing, number })))
  }
  await app.messagesSettled()
  await rowsOf(
    app,
    "update hall.banyan_inbox set received_at = received_at - interval '1 day'; select",
  )
  await transport.replay()
  await app.messagesSettled()
  const rows = await rowsOf(app, 'select thing, number from hall.heard order by position')
  const left = await rowsOf(app, 'select state from hall.banyan_message')
  const numbers = all.map((thing) => {
    return rows.filter((row) => row['thing'] === thing).map((row) => Number(row['number']))
  })
  return { numbers, left, delivered: transport.delivered }
}

test('doubles, a mixed order and replays of yesterday: each event has one effect, in order per key', async () => {
  const { numbers, left, delivered } = await hear({ inbox: true })
  assert.ok(delivered > 1.05 * 2 * things * rounds, `${delivered} were delivered`)
  const once = Array.from({ length: rounds }, (_, number) => number)
  for (const heard of numbers) assert.deepEqual(heard, once)
  assert.deepEqual(left, [])
})

test('without an inbox there are doubles: the control of the test above', async () => {
  const { numbers } = await hear({ inbox: false })
  const effects = numbers.reduce((sum, heard) => sum + heard.length, 0)
  assert.ok(effects > 1.5 * things * rounds, `${effects} effects`)
})
