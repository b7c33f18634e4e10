import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSystemClock } from '../../kernel/index.ts'
import { testApplication } from '../../testing/index.ts'
import { desk, parcels, post } from './delivery.fixture.ts'
import { createSmtpMailer } from './index.ts'
import { MailServer } from './mail-server.fixture.ts'

test('a mail server that is dead, unsure, refusing for a while or slow delays mails and loses none', async (t) => {
  const first = await MailServer.start(t)
  const { port, url } = first
  await first.stop()
  const clock = createSystemClock()
  await using mailer = createSmtpMailer({ url, clock, answerMs: 2_000 })
  await using app = await testApplication(parcels, { messages: true, runner: 'inline', mailer })
  const { accept } = app.as().of(desk)
  const expected: string[] = []
  const acceptMany = async (): Promise<void> => {
    const startMs = clock.monotonicMs()
    const accepted = await Promise.all(Array.from({ length: 10 }, () => accept({})))
    expected.push(...accepted.map(({ parcelId }) => parcelId))
    assert.ok(clock.monotonicMs() - startMs < 2_000, 'accepting waited for the mail server')
  }
  const recorded = async () => (await app.as().of(post).recorded({})).parcelIds
  const until = async (isEnough: () => Promise<boolean> | boolean): Promise<void> => {
    const endMs = clock.monotonicMs() + 20_000
    while (!(await isEnough())) {
      assert.ok(clock.monotonicMs() < endMs, 'the mails did not go out')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  // dead
  await acceptMany()
  assert.deepEqual(await recorded(), [])
  // unsure: it takes the mail, and the connection is cut before it says so
  const server = await MailServer.start(t, {}, port)
  server.behaviour = { cut: 'last byte' }
  await until(() => server.taken.length >= 5)
  // refusing for a while
  server.behaviour = { content: 451 }
  await acceptMany()
  // slow
  const hold = Promise.withResolvers<void>()
  server.received = Promise.withResolvers<void>()
  server.behaviour = { hold: hold.promise }
  await server.received.promise
  await acceptMany()
  server.behaviour = {}
  hold.resolve()

  await until(async () => (await recorded()).length === expected.length)
  assert.deepEqual((await recorded()).toSorted(), expected.toSorted())
  const sent = new Map<string, Set<string>>()
  for (const { content } of server.taken) {
    const id = content.match(/^Message-ID: <accepted\.(.*)@post\.example>\r$/m)?.[1] ?? ''
    sent.set(id, (sent.get(id) ?? new Set()).add(content))
  }
  assert.deepEqual([...sent.keys()].toSorted(), expected.toSorted())
  // who took a mail twice took the same one
  assert.ok([...sent.values()].every((contents) => contents.size === 1))
  assert.ok(server.taken.length > expected.length, 'no outcome was unknown: nothing was shown')
})
