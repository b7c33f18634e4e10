import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { createWorld } from '../kernel/index.ts'
import { listCaptured } from '../mail/index.ts'
import { createMailer } from './mailer.ts'

const mail = {
  messageId: 'a@shop.example',
  from: { address: 'shop@shop.example' },
  to: [{ address: 'zoe@example.org' }],
  subject: 'Hello',
  text: 'Hello',
}

test('without a server, mail is kept in the folder of local state', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-state-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await using mailer = await createMailer({ mailUrl: undefined, folder }, createWorld())
  await mailer.send(mail)
  const kept = await listCaptured(path.join(folder, 'mail'))
  assert.deepEqual(
    kept.map(({ messageId }) => messageId),
    ['a@shop.example'],
  )
})

test('with a server, mail goes there, and a URL that cannot be meant is refused at boot', async () => {
  const world = createWorld()
  const folder = 'nowhere'
  await using mailer = await createMailer({ mailUrl: 'smtp://127.0.0.1:1', folder }, world)
  await assert.rejects(mailer.send(mail), { code: 'MAIL_UNAVAILABLE', message: /127\.0\.0\.1:1/ })
  await assert.rejects(createMailer({ mailUrl: 'smtp://host/path', folder }, world), {
    code: 'SMTP_URL_INVALID',
  })
})
