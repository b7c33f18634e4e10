import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { createSystemClock } from '../kernel/index.ts'
import { createCapturedMailer, type Mail } from '../mail/index.ts'
import { banyan } from './command.fixture.ts'
import { ProjectFolder } from './project.fixture.ts'

const mail: Mail = {
  messageId: 'confirmation.1@shop.example',
  from: { name: 'Shop', address: 'orders@shop.example' },
  to: [{ name: 'Zoë', address: 'zoe@example.org' }],
  subject: 'Your order',
  text: 'Thank you.\n\u001b[31mred\n',
  html: '<p>Thank you.</p>',
  attachments: [
    {
      fileName: 'invoice.pdf',
      contentType: 'application/pdf',
      content: new Uint8Array([37, 80, 68, 70]),
    },
  ],
}

/** Captures mails as an application on the folder does. */
async function capture(project: ProjectFolder, mails: readonly Mail[]): Promise<void> {
  const folder = path.join(project.stateFolder, 'mail')
  await using mailer = createCapturedMailer({ folder, clock: createSystemClock() })
  for (const one of mails) await mailer.send(one)
}

test('captured mails are listed, and one is shown with its text and files', async () => {
  using project = new ProjectFolder()
  await capture(project, [mail, mail])
  const [table, json] = await Promise.all([
    banyan(['mail'], { cwd: project.root }),
    banyan(['mail', 'list', project.root, '--json']),
  ])
  assert.match(table.stdout, /^ID +SENT +TO +SUBJECT +FILES +AGAIN\n/)
  assert.match(table.stdout, /Zoë <zoe@example\.org> +Your order +1 +1\n$/)
  const [listed] = JSON.parse(json.stdout).mails
  assert.deepEqual([listed.messageId, listed.repetitions], [mail.messageId, 1])
  const [shown, html, byMessageId] = await Promise.all([
    banyan(['mail', 'show', listed.id, project.root]),
    banyan(['mail', 'show', listed.id, project.root, '--html']),
    banyan(['mail', 'show', mail.messageId, project.root, '--json']),
  ])
  assert.match(shown.stdout, /^subject {5}Your order$/m)
  assert.match(shown.stdout, /^file {8}invoice\.pdf, application\/pdf, 4 bytes: .*\.banyan/m)
  assert.match(shown.stdout, /\n\nThank you\.\n \[31mred\n/)
  assert.equal(html.stdout, '<p>Thank you.</p>\n')
  assert.equal(JSON.parse(byMessageId.stdout).id, listed.id)
})

test('no captured mail is no error, and one that is not there is', async () => {
  using project = new ProjectFolder()
  const [none, unknown, many] = await Promise.all([
    banyan(['mail', project.root]),
    banyan(['mail', 'show', 'nobody@shop.example', project.root]),
    banyan(['mail', 'list', '--count', '0', project.root]),
  ])
  assert.deepEqual([none.exitCode, none.stdout], [0, 'no mail was captured\n'])
  assert.equal(unknown.exitCode, 1)
  assert.match(unknown.stderr, /^MAIL_CAPTURED_UNKNOWN/)
  assert.equal(many.exitCode, 2)
})
