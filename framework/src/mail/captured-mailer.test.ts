import assert from 'node:assert/strict'
import { chmod, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { FakeClock } from '../kernel/index.ts'
import { createCapturedMailer, listCaptured, readCaptured } from './index.ts'
import { invoiceFile, mailOf, temporaryFolder } from './mail.fixture.ts'

test('a captured mail can be looked at, with what it carries', async (t) => {
  const folder = join(await temporaryFolder(t), 'mail')
  await using mailer = createCapturedMailer({ folder, clock: new FakeClock(5_000) })
  const html = '<p>Danke.</p>'
  const sent = mailOf({ html, attachments: [invoiceFile, { ...invoiceFile, fileName: 'b.pdf' }] })
  assert.deepEqual(await mailer.send(sent), { accepted: ['zoe@example.org'], refused: [] })
  const kept = await readCaptured(folder, sent.messageId)
  const { messageId, from, to, subject, text } = sent
  const { id, attachments, ...rest } = kept
  assert.deepEqual(rest, {
    ...{ messageId, from, to, replyTo: undefined, subject, text, html },
    ...{ sentAtMs: 5_000, repetitions: 0, differing: 0 },
  })
  assert.deepEqual(
    attachments.map(({ fileName, bytes }) => [fileName, bytes]),
    [
      ['invoice.pdf', 4],
      ['b.pdf', 4],
    ],
  )
  assert.deepEqual(await readFile(attachments[0]?.path ?? ''), Buffer.from(invoiceFile.content))
  assert.deepEqual(await readCaptured(folder, id), kept)
})

test('a mail that is sent again is kept once; repetitions and those that differ are counted', async (t) => {
  const folder = await temporaryFolder(t)
  const clock = new FakeClock()
  const mailers = [1, 2].map(() => createCapturedMailer({ folder, clock }))
  await Promise.all(mailers.map((mailer) => mailer.send(mailOf({ attachments: [invoiceFile] }))))
  await mailers[0]?.send(mailOf({ attachments: [{ ...invoiceFile, content: new Uint8Array(4) }] }))
  await mailers[1]?.send(mailOf({ messageId: 'another@shop.example' }))
  const kept = await listCaptured(folder)
  assert.deepEqual(
    new Map(
      kept.map(({ messageId, repetitions, differing }) => [messageId, [repetitions, differing]]),
    ),
    new Map([
      ['another@shop.example', [0, 0]],
      ['confirmation.1@shop.example', [2, 1]],
    ]),
  )
})

test('the newest mails are kept and listed first; abandoned drafts go', async (t) => {
  const folder = await temporaryFolder(t)
  const clock = new FakeClock(Date.now() + 3_600_000)
  const mailer = createCapturedMailer({ folder, clock, keepMax: 10 })
  await mkdir(join(folder, 'draft-dead'))
  for (let index = 0; index < 64; index++) {
    await clock.advance(1_000)
    await mailer.send(mailOf({ messageId: `m${index}@shop.example` }))
    const { id } = await readCaptured(folder, `m${index}@shop.example`)
    const at = index / 100
    if (index < 63) await utimes(join(folder, id, 'mail.json'), at, at)
  }
  const kept = await listCaptured(folder, { limit: 3 })
  assert.deepEqual(
    kept.map(({ messageId }) => messageId),
    ['m63@shop.example', 'm62@shop.example', 'm61@shop.example'],
  )
  assert.equal((await readdir(folder)).length, 10)
})

test('a mail that is not kept, and a folder that is not there, are said', async (t) => {
  const folder = join(await temporaryFolder(t), 'nothing')
  assert.deepEqual(await listCaptured(folder), [])
  await assert.rejects(readCaptured(folder, 'a@b'), {
    code: 'MAIL_CAPTURED_UNKNOWN',
    kind: 'not_found',
  })
})

test('the mailer takes no wrong mail, none after its end, and says when it cannot write', async (t) => {
  const folder = await temporaryFolder(t)
  const clock = new FakeClock()
  const mailer = createCapturedMailer({ folder, clock })
  await assert.rejects(mailer.send(mailOf({ to: [] })), { code: 'MAIL_MESSAGE_INVALID' })
  const given = AbortSignal.abort(new Error('enough'))
  await assert.rejects(mailer.send(mailOf(), { signal: given }), /enough/)
  await mailer.close()
  await assert.rejects(mailer.send(mailOf()), { code: 'MAIL_UNAVAILABLE', kind: 'unavailable' })
  await writeFile(join(folder, 'file'), '')
  await chmod(join(folder, 'file'), 0o600)
  const homeless = createCapturedMailer({ folder: join(folder, 'file', 'mail'), clock })
  await assert.rejects(homeless.send(mailOf()), { code: 'MAIL_UNAVAILABLE', message: /ENOTDIR/ })
  assert.deepEqual(await listCaptured(folder), [])
  assert.throws(() => createCapturedMailer({ folder, clock, keepMax: 0 }), {
    code: 'MAIL_OPTIONS_INVALID',
  })
})
