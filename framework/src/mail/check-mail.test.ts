import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assertMail, type Mail, mailLimits } from './index.ts'
import { invoiceFile, mailOf } from './mail.fixture.ts'

function refused(mail: Mail, field: RegExp): void {
  assert.throws(() => assertMail(mail), { code: 'MAIL_MESSAGE_INVALID', message: field })
}

test('a line break in any header field is refused, for it would begin another header', () => {
  for (const end of ['\r\n', '\n', '\r', '\0', '\u0085', '\u2028']) {
    const smuggled = `x${end}Bcc: eve@example.org`
    const address = 'zoe@example.org'
    refused(mailOf({ subject: smuggled }), /subject/)
    refused(mailOf({ messageId: smuggled }), /messageId/)
    refused(mailOf({ from: { address: `${address}${end}x` } }), /from/)
    refused(mailOf({ from: { address, name: smuggled } }), /from\.name/)
    refused(mailOf({ replyTo: { address, name: smuggled } }), /replyTo\.name/)
    refused(mailOf({ to: [{ address: smuggled }] }), /to\[0\]/)
    refused(mailOf({ attachments: [{ ...invoiceFile, fileName: smuggled }] }), /fileName/)
    refused(mailOf({ attachments: [{ ...invoiceFile, contentType: smuggled }] }), /contentType/)
  }
})

test('what is no plain address is refused: lists, groups, quotes, comments, display names', () => {
  const wrong = [
    ...['', 'zoe', '@example.org', 'zoe@', 'a@b, c@d', 'a@b;c@d', 'Zoe <zoe@example.org>'],
    ...['"a b"@example.org', 'zoe(x)@example.org', 'zoé@example.org', 'zoe@example..org'],
    ...['zoe@-example.org', `${'a'.repeat(65)}@example.org`, `a@${'b.'.repeat(130)}org`],
  ]
  for (const address of wrong)
    refused(mailOf({ to: [{ address }] }), /to\[0\] is not a mail address/)
  for (const address of ['a+b@example.org', "o'neil@localhost", 'x@xn--bcher-kva.example']) {
    assertMail(mailOf({ to: [{ address }] }))
  }
})

test('an accepted address holds no character that could end it in a command or a header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (address) => {
      try {
        assertMail(mailOf({ to: [{ address }, { address: `${address}@example.org` }] }))
      } catch {
        return
      }
      assert.match(address, /^[!-~]+$/)
      assert.doesNotMatch(address, /[\s<>,;:"()[\]\\]/)
    }),
  )
})

test('a mail of more than 25 MiB as encoded is refused with its size', () => {
  const content = (bytes: number) => [{ ...invoiceFile, content: new Uint8Array(bytes) }]
  assertMail(mailOf({ attachments: content(19_000_000) }))
  assert.throws(() => assertMail(mailOf({ attachments: content(19_500_000) })), {
    code: 'MAIL_MESSAGE_TOO_LARGE',
    kind: 'invalid',
    message: /26214400 is the limit/,
  })
})

test('counts, lengths, names of files and dates are bounded', () => {
  const many = Array.from({ length: mailLimits.recipientsMax + 1 }, () => ({ address: 'a@b' }))
  refused(mailOf({ to: [] }), /to has 0 entries/)
  refused(mailOf({ to: many }), /to has 51 entries/)
  refused(
    mailOf({ attachments: Array.from({ length: 21 }, () => invoiceFile) }),
    /attachments has 21/,
  )
  refused(mailOf({ subject: 'x'.repeat(401) }), /subject is longer than 400/)
  refused(mailOf({ subject: '\ud800' }), /not well-formed/)
  refused(mailOf({ attachments: [{ ...invoiceFile, fileName: '../x' }] }), /not the name of a file/)
  refused(mailOf({ messageId: 'no domain' }), /messageId is not of the form/)
  refused(mailOf({ date: new Date(Number.NaN) }), /date is no date/)
})
