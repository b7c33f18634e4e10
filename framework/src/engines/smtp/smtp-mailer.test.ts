import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createSystemClock, FakeClock } from '../../kernel/index.ts'
import { invoiceFile, mailOf, temporaryFolder } from '../../mail/mail.fixture.ts'
import { CertificateFolder } from '../../remote/certificates.fixture.ts'
import { createSmtpMailer } from './index.ts'
import { MailServer, mailerOf } from './mail-server.fixture.ts'

test('a mail reaches the server with its identity, its names and its files', async (t) => {
  const server = await MailServer.start(t)
  const mailer = mailerOf(t, { url: server.url })
  const html = '<p>Danke.</p>'
  const receipt = await mailer.send(mailOf({ html, attachments: [invoiceFile] }))
  assert.deepEqual(receipt, { accepted: ['zoe@example.org'], refused: [] })
  const [taken] = server.taken
  assert.ok(taken !== undefined)
  assert.deepEqual([taken.from, taken.to], ['orders@shop.example', ['zoe@example.org']])
  assert.match(taken.content, /^Message-ID: <confirmation\.1@shop\.example>\r$/m)
  assert.match(
    taken.content,
    /^From: =\?UTF-8\?Q\?B=C3=BCcher_=26_Co\?= <orders@shop\.example>\r$/m,
  )
  assert.match(taken.content, /^Date: Tue, 14 Nov 2023 22:13:20 \+0000\r$/m)
  assert.match(taken.content, /^Content-Disposition: attachment; filename=invoice\.pdf\r$/m)
  assert.match(taken.content, /JVBERg==/)
})

test('two attempts of one mail are equal, byte by byte', async (t) => {
  const server = await MailServer.start(t)
  const mailer = mailerOf(t, { url: server.url })
  const mail = mailOf({ html: '<p>a</p>', attachments: [invoiceFile] })
  await mailer.send(mail)
  await mailer.send(mail)
  assert.equal(server.taken[0]?.content, server.taken[1]?.content)
  assert.equal(server.connections, 1)
})

test('a mail of 15 MiB and lines that begin with a dot arrive as they are', async (t) => {
  const server = await MailServer.start(t)
  const content = new Uint8Array(15 * 1_048_576).fill(46)
  const text = '.\n..\n.end\n'
  await mailerOf(t, { url: server.url }).send(
    mailOf({ text, attachments: [{ ...invoiceFile, content }] }),
  )
  const taken = server.taken[0]?.content ?? ''
  assert.match(taken, /\r\n\r\n\.\r\n\.\.\r\n\.end\r\n/)
  const begin = taken.indexOf('\r\n\r\nLi4u') + 4
  const base64 = taken.slice(begin, taken.indexOf('\r\n--', begin))
  assert.deepEqual(Buffer.from(base64, 'base64'), Buffer.from(content))
})

const refusals = [
  ['sender', { sender: 550 }],
  ['recipient', { recipients: { 'zoe@example.org': 550 } }],
  ['content', { content: 554 }],
] as const
for (const [name, behaviour] of refusals) {
  test(`a ${name} that the server refuses for good is a mail that will never be sent`, async (t) => {
    const server = await MailServer.start(t)
    server.behaviour = behaviour
    await assert.rejects(mailerOf(t, { url: server.url }).send(mailOf()), {
      code: 'MAIL_REFUSED',
      kind: 'invalid',
      message: /said 55/,
    })
    assert.equal(server.taken.length, 0)
  })
}

const deferrals = [
  ['sender', { sender: 451 }],
  ['recipient', { recipients: { 'zoe@example.org': 450 } }],
  ['content', { content: 452 }],
  ['sender that has not logged in', { sender: 530 }],
] as const
for (const [name, behaviour] of deferrals) {
  test(`a ${name} that the server does not take now is a mail to try again`, async (t) => {
    const server = await MailServer.start(t)
    server.behaviour = behaviour
    const mailer = mailerOf(t, { url: server.url })
    const later = { code: 'MAIL_UNAVAILABLE', kind: 'unavailable' }
    await assert.rejects(mailer.send(mailOf()), later)
    assert.equal(server.taken.length, 0)
    server.behaviour = {}
    await mailer.send(mailOf())
    assert.equal(server.taken.length, 1)
    server.behaviour = behaviour
    await assert.rejects(mailer.send(mailOf()), later)
    assert.equal(server.connections, 2)
  })
}

test('of several recipients those that were not taken are told, and all together are one answer', async (t) => {
  const server = await MailServer.start(t)
  const mailer = mailerOf(t, { url: server.url })
  const to = ['a@b.example', 'c@b.example', 'd@b.example'].map((address) => ({ address }))
  server.behaviour = { recipients: { 'a@b.example': 550, 'c@b.example': 450 } }
  const receipt = await mailer.send(mailOf({ to }))
  assert.deepEqual(receipt.accepted, ['d@b.example'])
  assert.deepEqual(
    receipt.refused.map(({ address, isFinal }) => [address, isFinal]),
    [
      ['a@b.example', true],
      ['c@b.example', false],
    ],
  )
  await assert.rejects(mailer.send(mailOf({ to: to.slice(0, 2) })), { code: 'MAIL_UNAVAILABLE' })
})

test('a connection that is cut while the mail is under way has sent nothing', async (t) => {
  const server = await MailServer.start(t)
  server.behaviour = { cut: 'first bytes' }
  const content = new Uint8Array(15 * 1_048_576)
  await assert.rejects(
    mailerOf(t, { url: server.url }).send(mailOf({ attachments: [{ ...invoiceFile, content }] })),
    { code: 'MAIL_UNAVAILABLE' },
  )
  assert.equal(server.taken.length, 0)
})

test('a connection that is cut after the last byte may have sent the mail', async (t) => {
  const server = await MailServer.start(t)
  server.behaviour = { cut: 'last byte' }
  const mailer = mailerOf(t, { url: server.url })
  await assert.rejects(mailer.send(mailOf()), {
    code: 'MAIL_OUTCOME_UNKNOWN',
    kind: 'unknown_outcome',
    message: /may have taken confirmation\.1@shop\.example/,
  })
  server.behaviour = {}
  await mailer.send(mailOf())
  const ids = server.taken.map(({ content }) => content.match(/^Message-ID: .*$/m)?.[0])
  assert.equal(ids.length, 2)
  assert.equal(ids[0], ids[1])
})

test('a caller who gives up before the mail is sent gets the reason, after it an unknown outcome', async (t) => {
  const server = await MailServer.start(t)
  const mailer = mailerOf(t, { url: server.url })
  const hold = Promise.withResolvers<void>()
  server.behaviour = { hold: hold.promise }
  const caller = new AbortController()
  const sending = mailer.send(mailOf(), { signal: caller.signal })
  await server.received.promise
  caller.abort(new Error('enough'))
  await assert.rejects(sending, { code: 'MAIL_OUTCOME_UNKNOWN', message: /enough/ })
  hold.resolve()
  const early = AbortSignal.abort(new Error('never wanted'))
  await assert.rejects(mailer.send(mailOf(), { signal: early }), /never wanted/)
  assert.equal(server.taken.length, 1)
})

test('a server that answers five seconds late is waited for, within the time of one mail', async (t) => {
  const server = await MailServer.start(t)
  const clock = new FakeClock()
  const hold = Promise.withResolvers<void>()
  server.behaviour = { hold: hold.promise }
  const mailer = mailerOf(t, { url: server.url, clock, sendMs: 6_000 })
  const patient = mailer.send(mailOf())
  await server.received.promise
  await clock.advance(5_000)
  hold.resolve()
  assert.deepEqual((await patient).accepted, ['zoe@example.org'])

  server.behaviour = { hold: Promise.withResolvers<void>().promise }
  server.received = Promise.withResolvers<void>()
  const late = assert.rejects(mailer.send(mailOf()), {
    code: 'MAIL_OUTCOME_UNKNOWN',
    message: /then it took longer than 6000 ms/,
  })
  await server.received.promise
  await clock.advance(6_000)
  await late
})

test('a server that accepts connections and says nothing is given up', async (t) => {
  const mute = createServer(() => undefined)
  await new Promise<void>((resolve) => void mute.listen(0, '127.0.0.1', resolve))
  t.after(() => mute.close())
  const url = `smtp://127.0.0.1:${(mute.address() as AddressInfo).port}`
  await assert.rejects(mailerOf(t, { url, connectMs: 200 }).send(mailOf()), {
    code: 'MAIL_UNAVAILABLE',
    message: /never received/i,
  })
})

test('a server that falls silent over a mail is given up, and the outcome is unknown', async (t) => {
  const server = await MailServer.start(t)
  server.behaviour = { hold: Promise.withResolvers<void>().promise }
  await assert.rejects(mailerOf(t, { url: server.url, answerMs: 400 }).send(mailOf()), {
    code: 'MAIL_OUTCOME_UNKNOWN',
  })
})

test('a server that is not there is unavailable', async (t) => {
  const server = await MailServer.start(t)
  const { port } = server
  await server.stop()
  const mailer = mailerOf(t, { url: `smtp://127.0.0.1:${port}` })
  await assert.rejects(mailer.send(mailOf()), { code: 'MAIL_UNAVAILABLE', message: /ECONNREFUSED/ })
})

test('a kept connection that the server has ended is renewed without a failure', async (t) => {
  const server = await MailServer.start(t)
  const mailer = mailerOf(t, { url: server.url })
  await mailer.send(mailOf())
  server.cut()
  await mailer.send(mailOf())
  assert.equal(server.taken.length, 2)
  assert.equal(server.connections, 2)
})

test('mails share a bounded number of connections; more than may wait are refused', async (t) => {
  const server = await MailServer.start(t)
  const hold = Promise.withResolvers<void>()
  server.behaviour = { hold: hold.promise }
  const mailer = mailerOf(t, { url: server.url, connectionsMax: 2, waitingMax: 3 })
  const five = Array.from({ length: 5 }, (_, index) =>
    mailer.send(mailOf({ messageId: `m${index}@b` })),
  )
  await server.received.promise
  await assert.rejects(mailer.send(mailOf()), {
    code: 'MAIL_UNAVAILABLE',
    message: /3 mails wait for a connection already/,
  })
  hold.resolve()
  await Promise.all(five)
  assert.equal(server.taken.length, 5)
  assert.equal(server.connections, 2)
})

test('who gives up in the line before a connection leaves it', async (t) => {
  const server = await MailServer.start(t)
  const hold = Promise.withResolvers<void>()
  server.behaviour = { hold: hold.promise }
  const mailer = mailerOf(t, { url: server.url, connectionsMax: 1, waitingMax: 1 })
  const first = mailer.send(mailOf())
  const caller = new AbortController()
  const second = mailer.send(mailOf(), { signal: caller.signal })
  await server.received.promise
  caller.abort(new Error('not wanted'))
  await assert.rejects(second, /not wanted/)
  const third = mailer.send(mailOf())
  hold.resolve()
  await Promise.all([first, third])
  assert.equal(server.taken.length, 2)
})

test('a connection is renewed after its mails and dropped when it idles', async (t) => {
  const server = await MailServer.start(t)
  const clock = new FakeClock()
  const limits = { mailsPerConnectionMax: 2, idleMs: 1_000 }
  const mailer = mailerOf(t, { url: server.url, clock, ...limits })
  for (let index = 0; index < 3; index++) await mailer.send(mailOf())
  assert.equal(server.connections, 2)
  await clock.advance(1_000)
  await mailer.send(mailOf())
  assert.equal(server.connections, 3)
})

test('close lets the mail under way end and takes no more', async (t) => {
  const server = await MailServer.start(t)
  const hold = Promise.withResolvers<void>()
  server.behaviour = { hold: hold.promise }
  const mailer = mailerOf(t, { url: server.url })
  const sending = mailer.send(mailOf())
  await server.received.promise
  const closed = mailer.close()
  await assert.rejects(mailer.send(mailOf()), { code: 'MAIL_UNAVAILABLE', message: /closed/ })
  hold.resolve()
  await sending
  await closed
  assert.equal(server.taken.length, 1)
})

test('a wrong password leaves the mails waiting; the right one is used', async (t) => {
  const server = await MailServer.start(t, {
    authOptional: false,
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'shop' && password === 'p@ss') done(null, { user: 'shop' })
      else done(Object.assign(new Error('no'), { responseCode: 535 }))
    },
  })
  const urlOf = (login: string): string => `smtp://${login}@127.0.0.1:${server.port}`
  const wrong = mailerOf(t, { url: urlOf('shop:wrong') })
  await assert.rejects(wrong.send(mailOf()), { code: 'MAIL_UNAVAILABLE', message: /535/ })
  await mailerOf(t, { url: urlOf('shop:p%40ss') }).send(mailOf())
  assert.equal(server.taken.length, 1)
})

test('where encryption is required, a server without it or of a foreign authority gets no mail', async (t) => {
  const folder = await temporaryFolder(t)
  new CertificateFolder(folder)
    .authority()
    .issue('server', { id: '', names: 'DNS:localhost,IP:127.0.0.1' })
  const read = (name: string): Promise<string> => readFile(`${folder}/${name}`, 'utf8')
  const [key, cert, ca] = await Promise.all(['server.key', 'server.crt', 'authority.crt'].map(read))
  assert.ok(key !== undefined && cert !== undefined && ca !== undefined)
  const plain = await MailServer.start(t)
  await assert.rejects(mailerOf(t, { url: `${plain.url}?tls=required` }).send(mailOf()), {
    code: 'MAIL_UNAVAILABLE',
    message: /STARTTLS/i,
  })
  const upgraded = await MailServer.start(t, { key, cert })
  const url = `smtp://127.0.0.1:${upgraded.port}?tls=required`
  await assert.rejects(mailerOf(t, { url }).send(mailOf()), {
    code: 'MAIL_UNAVAILABLE',
    message: /certificate/,
  })
  await mailerOf(t, { url, ca }).send(mailOf())
  const implicit = await MailServer.start(t, { key, cert, secure: true })
  await mailerOf(t, { url: `smtps://127.0.0.1:${implicit.port}`, ca }).send(mailOf())
  assert.deepEqual(
    [plain, upgraded, implicit].map(({ taken }) => taken.length),
    [0, 1, 1],
  )
})

test('a mail that is larger than the server takes is refused for good', async (t) => {
  const server = await MailServer.start(t, { size: 10_000 })
  const content = new Uint8Array(20_000)
  await assert.rejects(
    mailerOf(t, { url: server.url }).send(mailOf({ attachments: [{ ...invoiceFile, content }] })),
    { code: 'MAIL_REFUSED' },
  )
})

test('wrong mails and wrong options are refused before anything is connected', async (t) => {
  const server = await MailServer.start(t)
  await assert.rejects(mailerOf(t, { url: server.url }).send(mailOf({ to: [] })), {
    code: 'MAIL_MESSAGE_INVALID',
  })
  assert.equal(server.connections, 0)
  const clock = createSystemClock()
  assert.throws(() => createSmtpMailer({ url: server.url, clock, connectionsMax: 0 }), {
    code: 'MAIL_OPTIONS_INVALID',
    message: /connectionsMax is 0/,
  })
})
